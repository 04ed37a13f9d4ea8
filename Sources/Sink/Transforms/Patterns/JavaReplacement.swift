/// What `Matcher.replaceFirst` puts in the place of a match: text with `$1`, `${name}` and `\` before a sign.
struct JavaReplacement: Sendable {
    private enum Part: Sendable {
        case text([Unicode.Scalar])
        case group(Int)
    }

    private var parts: [Part] = []

    /// - Throws: `JavaPattern.Failure` for a group that the expression does not have.
    init(_ text: String, for pattern: JavaPattern) throws(JavaPattern.Failure) {
        var literal: [Unicode.Scalar] = []
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\\":
                guard let next = rest.popFirst() else {
                    throw JavaPattern.Failure(reason: "it ends with a backslash")
                }
                literal.append(next)
            case "$":
                if !literal.isEmpty { parts.append(.text(literal)) }
                literal = []
                parts.append(.group(try Self.group(&rest, pattern)))
            default: literal.append(scalar)
            }
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
    }

    private static func group(
        _ rest: inout ArraySlice<Unicode.Scalar>,
        _ pattern: JavaPattern
    ) throws(JavaPattern.Failure) -> Int {
        if rest.first == "{" {
            guard let end = rest.firstIndex(of: "}") else {
                throw JavaPattern.Failure(reason: "a ${ is not closed")
            }
            let name = String(String.UnicodeScalarView(rest[rest.index(after: rest.startIndex)..<end]))
            rest = rest[rest.index(after: end)...]
            guard let number = pattern.groupNames[ExactText(name)] else {
                throw JavaPattern.Failure(reason: "the expression has no group called \(name)")
            }
            return number
        }
        guard let first = rest.first, 0x30...0x39 ~= first.value else {
            throw JavaPattern.Failure(
                reason: "a $ is followed by a group's number or {name}; write \\$ for the sign"
            )
        }
        var number = 0
        var isFirst = true
        // Java takes as many digits as make a group that there is.
        while let digit = rest.first, 0x30...0x39 ~= digit.value {
            let longer = number * 10 + Int(digit.value - 0x30)
            guard isFirst || longer <= pattern.groupCount else { break }
            (number, isFirst) = (longer, false)
            rest.removeFirst()
        }
        guard number <= pattern.groupCount else {
            throw JavaPattern.Failure(reason: "the expression has no group \(number)")
        }
        return number
    }

    /// The text with the first place that matches replaced; as it is where none does.
    func replacingFirst(_ pattern: JavaPattern, in text: String) throws(JavaPattern.Exhausted) -> String {
        let scalars = Array(text.unicodeScalars)
        guard let match = try pattern.firstMatch(scalars) else { return text }
        var result = String.UnicodeScalarView(scalars[..<match.whole.lowerBound])
        for part in parts {
            switch part {
            case .text(let text): result.append(contentsOf: text)
            case .group(let number):
                if let place = match.places[number] { result.append(contentsOf: scalars[place]) }
            }
        }
        result.append(contentsOf: scalars[match.whole.upperBound...])
        return String(result)
    }
}
