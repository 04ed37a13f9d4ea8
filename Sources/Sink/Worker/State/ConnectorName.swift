/// A connector's name: any text, the same only if all its bytes are.
///
/// It becomes a part of keys, group names and the progress' key, so what is stored under it must stay its own.
struct ConnectorName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Bytes of the longest name.
    static let longest = 255

    private let exact: ExactText

    /// A name as it was stored.
    init(_ text: String) { exact = ExactText(text) }

    /// A name that somebody gives to a new connector.
    ///
    /// - Throws: `RESTRefusal` that says what is wrong with it.
    init(new text: String) throws(RESTRefusal) {
        if let problem = Self.problem(of: text) {
            throw RESTRefusal(400, "Connector name is not valid: it \(problem)")
        }
        self.init(text)
    }

    /// What is wrong with a name, to be read after "it".
    static func problem(of text: String) -> String? {
        if text.trimmed.isEmpty { return "is empty" }
        if text.utf8.count > longest { return "has more than \(longest) bytes" }
        if text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }) {
            return "has control characters"
        }
        return text.range(ofBytes: "${") == nil ? nil : "must not hold a placeholder"
    }

    var text: String { exact.text }

    var description: String { text }

    static func < (left: ConnectorName, right: ConnectorName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

/// One task of a connector; a lane runs it.
struct TaskID: Hashable, Comparable, Sendable, CustomStringConvertible {
    let connector: ConnectorName
    /// From 0.
    let number: Int

    /// As Kafka Connect writes it.
    var description: String { "\(connector)-\(number)" }

    static func < (left: TaskID, right: TaskID) -> Bool {
        (left.connector, left.number) < (right.connector, right.number)
    }
}
