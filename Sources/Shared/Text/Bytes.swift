// What is done with texts all the time, on bytes and scalars. Where a sign of ASCII begins or ends a part, the
// part consists of whole scalars, because no byte of another scalar is ASCII.

extension StringProtocol {
    /// Whether its first bytes are these.
    public func begins(with prefix: String) -> Bool { utf8.starts(with: prefix.utf8) }

    /// What follows these bytes; `nil` for a text that does not begin with them.
    public func without(prefix: String) -> String? {
        begins(with: prefix) ? String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self) : nil
    }

    /// Whether its last bytes are these.
    public func ends(with suffix: String) -> Bool {
        utf8.count >= suffix.utf8.count && utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }

    /// Where these bytes stand first.
    public func range(ofBytes text: String) -> Range<Index>? { utf8.firstRange(of: text.utf8) }

    /// What stands between the separators, each as a text of its own.
    ///
    /// - Parameter keepingEmpty: whether an empty part between two separators, or at an end, counts.
    public func parts(at separator: Unicode.Scalar, limit: Int = .max, keepingEmpty: Bool = false) -> [String]
    {
        unicodeScalars.split(
            separator: separator,
            maxSplits: limit == .max ? .max : limit - 1,
            omittingEmptySubsequences: !keepingEmpty
        ).map { String(self[$0.startIndex..<$0.endIndex]) }
    }

    /// The text with one thing for another.
    public func replacingScalars(_ text: String, with replacement: String) -> String {
        var result = String.UnicodeScalarView()
        var rest = unicodeScalars[...]
        while let range = rest.firstRange(of: text.unicodeScalars) {
            result.append(contentsOf: rest[..<range.lowerBound])
            result.append(contentsOf: replacement.unicodeScalars)
            rest = rest[range.upperBound...]
        }
        result.append(contentsOf: rest)
        return String(result)
    }

    /// The text without white space at its ends.
    public var trimmed: String {
        let start = unicodeScalars.drop(while: \.properties.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.properties.isWhitespace }) else { return "" }
        return String(self[start.startIndex...last])
    }

    /// The text without blanks at its end.
    public var trimmedRight: String {
        guard let last = unicodeScalars.lastIndex(where: { $0 != " " }) else { return "" }
        return String(self[...last])
    }

    /// The text with A to Z in lower case, and every other letter as it stands: PostgreSQL folds names so, and no
    /// sign that looks like one of ASCII becomes one.
    public var lowercasedASCII: String {
        String(decoding: utf8.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// The text with a to z in upper case, and every other letter as it stands.
    public var uppercasedASCII: String {
        String(decoding: utf8.map { 0x61...0x7A ~= $0 ? $0 & 0xDF : $0 }, as: UTF8.self)
    }
}

extension String {
    /// Whether it consists of the same bytes: `==` takes texts for one that PostgreSQL keeps apart, such as `é` in
    /// one scalar and in two.
    public func isSame(as other: String) -> Bool {
        // Most are different, which `==` sees soonest.
        self == other && utf8.elementsEqual(other.utf8)
    }
}

extension Sequence<String> {
    /// Whether one of them consists of these bytes.
    public func holds(_ text: String) -> Bool { contains { $0.isSame(as: text) } }
}

/// A name or another text that is one only if all its bytes are the same: the key of a dictionary of columns, tables
/// or anything else that PostgreSQL or Kafka names.
public struct ExactText: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    public let text: String

    public init(_ text: String) { self.text = text }

    public init(stringLiteral text: String) { self.text = text }

    public var description: String { text }

    public static func == (left: ExactText, right: ExactText) -> Bool { left.text.isSame(as: right.text) }

    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
