/// libpq's messages as a person needs them: on one line, without what the error says anyway.
extension String {
    /// The text on one line: libpq ends its messages with a newline and indents what follows.
    var oneLine: String {
        split(whereSeparator: \.isNewline)
            .map { $0.drop(while: \.isWhitespace) }
            .joined(separator: "; ")
    }

    /// The text without libpq's guess at the cause, and without the server's address if it is the only one.
    var withoutRemarks: String {
        var text = oneLine
        if let guess = text.firstRange(of: "; This probably means the server terminated abnormally") {
            text = String(text[..<guess.lowerBound])
        }
        let address = #/connection to server at "[^"]*"(?: \([^)]*\))?, port \d+ failed: /#
        if text.matches(of: address).count == 1 { text = text.replacing(address, with: "") }
        return text
    }
}
