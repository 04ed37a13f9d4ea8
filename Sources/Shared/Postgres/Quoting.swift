/// Why a text can't stand in SQL as what it is meant to be: a name or a literal.
public struct UnquotableText: Error, Hashable, Sendable, CustomStringConvertible {
    public let reason: String

    public init(reason: String) {
        self.reason = reason
    }

    public var description: String { reason }
}

/// The longest name in bytes that PostgreSQL keeps (`NAMEDATALEN` - 1).
public let longestIdentifier = 63

/// Writes a name so that PostgreSQL reads it as it stands (PostgreSQL manual, section 4.1.1).
///
/// It takes names that a catalog gave or that `checkIdentifier` let pass: of a longer one PostgreSQL reads the first
/// 63 bytes, which may be another thing's name. It looks at bytes: a quotation mark that a combining mark follows
/// is another `Character` for Swift, and for PostgreSQL it still ends the name.
///
/// - Parameter name: one part of a name: a dot in it belongs to it.
public func quotedIdentifier(_ name: String) -> String {
    quoted(name, in: UInt8(ascii: "\""), doubling: [UInt8(ascii: "\"")])
}

/// Writes a name for a script that people read and run: the same name, with nothing in it that steers a terminal
/// (PostgreSQL manual, section 4.1.1, "Unicode escapes").
public func printedIdentifier(_ name: String) -> String {
    guard name.unicodeScalars.contains(where: { $0.isHidden }) else { return quotedIdentifier(name) }
    var quoted = "U&\""
    for scalar in name.unicodeScalars {
        switch scalar {
        case "\"": quoted += "\"\""
        case "\\": quoted += "\\\\"
        case _ where scalar.isHidden: quoted += "\\\(fourDigits(scalar))"
        default: quoted.unicodeScalars.append(scalar)
        }
    }
    return quoted + "\""
}

/// Refuses what can't be the name of a table, a column or anything else in PostgreSQL.
///
/// - Throws: `UnquotableText` for an empty name, one with a NUL, and one that PostgreSQL would cut.
public func checkIdentifier(_ name: String) throws(UnquotableText) {
    let bytes = name.utf8
    if bytes.isEmpty { throw UnquotableText(reason: "a name is empty, which no name in PostgreSQL is") }
    if bytes.contains(0) {
        throw UnquotableText(reason: "the name \(name) has a NUL in it, which no name in PostgreSQL has")
    }
    guard bytes.count <= longestIdentifier else {
        throw UnquotableText(
            reason:
                "the name \(name) has \(bytes.count) bytes; PostgreSQL reads the first \(longestIdentifier), which "
                + "may be the name of something else; use a shorter name"
        )
    }
}

/// Writes a table's name, which may begin with its schema, so that PostgreSQL reads it as it stands.
///
/// - Throws: `UnquotableText` where a part of it can't be a name.
public func quotedPath(_ name: String) throws(UnquotableText) -> String {
    var parts: [String] = []
    for part in name.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false) {
        try checkIdentifier(String(part))
        parts.append(quotedIdentifier(String(part)))
    }
    return parts.joined(separator: ".")
}

/// Writes a text as a literal of SQL, whatever `standard_conforming_strings` says.
///
/// A script of such literals can be read on a terminal: what would steer it is escaped, as the value's own text is
/// not.
///
/// - Throws: `UnquotableText` for a text with a NUL, which no value of PostgreSQL has.
public func quotedLiteral(_ text: String) throws(UnquotableText) -> String {
    guard !text.utf8.contains(0) else {
        throw UnquotableText(reason: "a value has a NUL in it, which no text in PostgreSQL has")
    }
    // A backslash means itself in a plain literal only where the setting is on.
    let isEscaped = text.unicodeScalars.contains { $0 == "\\" || $0.isHidden }
    guard isEscaped else { return quoted(text, in: UInt8(ascii: "'"), doubling: [UInt8(ascii: "'")]) }
    var literal = "E'"
    for scalar in text.unicodeScalars {
        switch scalar {
        case "'": literal += "''"
        case "\\": literal += "\\\\"
        case "\n", "\r", "\t": literal += scalar.escaped
        case _ where scalar.isHidden:
            literal += "\\u\(fourDigits(scalar))"
        default: literal.unicodeScalars.append(scalar)
        }
    }
    return literal + "'"
}

/// All that is hidden lies in the Basic Multilingual Plane.
private func fourDigits(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    return String(repeating: "0", count: 4 - digits.utf8.count) + digits
}

private func quoted(_ text: String, in mark: UInt8, doubling doubled: [UInt8]) -> String {
    var bytes = [mark]
    bytes.reserveCapacity(text.utf8.count + 2)
    for byte in text.utf8 {
        if doubled.contains(byte) { bytes.append(byte) }
        bytes.append(byte)
    }
    bytes.append(mark)
    return String(decoding: bytes, as: UTF8.self)
}
