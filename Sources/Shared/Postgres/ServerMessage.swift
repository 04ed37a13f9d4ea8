/// libpq's messages as a person needs them: on one line, without what the error says anyway.
extension String {
    /// The text on one line: libpq ends its messages with a newline and indents what follows.
    var oneLine: String {
        unicodeScalars.split { $0 == "\n" || $0 == "\r" }
            .map { String($0.drop(while: \.properties.isWhitespace)) }
            .joined(separator: "; ")
    }

    /// The text without libpq's guess at the cause, and without the server's address if it is the only one.
    var withoutRemarks: String {
        var text = oneLine
        if let guess = text.range(ofBytes: "; This probably means the server terminated abnormally") {
            text = String(text[..<guess.lowerBound])
        }
        let address = #/connection to server at "[^"]*"(?: \([^)]*\))?, port \d+ failed: /#
            .matchingSemantics(.unicodeScalar)
        // More than one address, or one with a part that follows, is left: then it says which server it was.
        if let first = try? address.firstMatch(in: text),
            (try? address.firstMatch(in: text[first.range.upperBound...])) == nil
        {
            text.removeSubrange(first.range)
        }
        return text
    }
}
