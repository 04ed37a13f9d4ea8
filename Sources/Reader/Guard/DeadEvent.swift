import ChangeEvents
import Model

/// One record of the topic, as far as the search for phantoms looks at it.
struct DeadEvent: Sendable, Equatable {
    /// A value of a record's key.
    struct KeyPart: Sendable, Hashable {
        var column: String
        /// The value as text; `nil` where it is null or no single value.
        var text: String?

        // To the server é of one character and é of two are two keys; to `String` they are one.
        static func == (left: KeyPart, right: KeyPart) -> Bool {
            left.column.isSame(as: right.column)
                && left.text.map { ExactText($0) } == right.text.map { ExactText($0) }
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(ExactText(column))
            hasher.combine(text.map { ExactText($0) })
        }
    }

    /// Whose events a topic has: other connectors' topics may begin with the same prefix, as `prod` and `prod.eu` do.
    struct Origin: Sendable, Equatable {
        /// `source.name`, which is the connector's `topic.prefix`, and `source.db`.
        private(set) var name, database: [UInt8]

        init(name: String, database: String) {
            (self.name, self.database) = (Array(name.utf8), Array(database.utf8))
        }
    }

    /// The table that the event names, with its schema.
    struct Table: Sendable, Hashable {
        var schema: String
        var name: String

        static func == (left: Table, right: Table) -> Bool {
            left.schema.isSame(as: right.schema) && left.name.isSame(as: right.name)
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(ExactText(schema))
            hasher.combine(ExactText(name))
        }
    }

    var table: Table
    var key: [KeyPart]
    /// Where the change stands in the log.
    var lsn: LSN
    /// Where the last transaction before this one was committed, `nil` for the first one after a start.
    var previousCommit: LSN?
    /// The transaction's number, of 32 bits, as `source.txId` says.
    var transaction: Int64?

    /// Reads a record; `nil` for one that is no change of a row, as a truncate or a message, or of another origin.
    static func read(
        key: RawSpan,
        value: RawSpan,
        of origin: Origin
    ) throws(DecodeError) -> DeadEvent? {
        let envelope = try Envelope(value)
        guard envelope.operation != .truncate, envelope.operation != .message, let source = envelope.source
        else { return nil }
        var (lsn, transaction, previous): (Int64?, Int64?, LSN?) = (nil, nil, nil)
        var (schema, name): (String?, String?) = (nil, nil)
        var (isPostgres, isOfServer, isOfDatabase) = (false, false, false)
        var scanner = JSONScanner(value, in: source)
        try scanner.openObject()
        while let member = try scanner.nextKey() {
            switch try scanner.peekKind() {
            case .number where scanner.matches(member, "lsn"): lsn = try scanner.integer()
            case .number where scanner.matches(member, "txId"): transaction = try scanner.integer()
            case .string where scanner.matches(member, "sequence"):
                let text = try scanner.string()
                previous = firstNumber(try scanner.value(of: text))
            case .string where scanner.matches(member, "connector"):
                let text = try scanner.string()
                isPostgres = scanner.matches(text, "postgresql")
            case .string where scanner.matches(member, "name"):
                let text = try scanner.string()
                isOfServer = scanner.matches(text, origin.name)
            case .string where scanner.matches(member, "db"):
                let text = try scanner.string()
                isOfDatabase = scanner.matches(text, origin.database)
            case .string where scanner.matches(member, "schema"):
                let text = try scanner.string()
                schema = try scanner.value(of: text)
            case .string where scanner.matches(member, "table"):
                let text = try scanner.string()
                name = try scanner.value(of: text)
            default: try scanner.skipValue()
            }
        }
        guard isPostgres, isOfServer, isOfDatabase, let lsn, let schema, let name else { return nil }
        return DeadEvent(
            table: Table(schema: schema, name: name),
            key: try parts(of: key),
            lsn: LSN(rawValue: UInt64(bitPattern: lsn)),
            previousCommit: previous,
            transaction: transaction
        )
    }

    private static func parts(of bytes: RawSpan) throws(DecodeError) -> [KeyPart] {
        var scanner = JSONScanner(bytes, in: try Payload.range(of: bytes))
        var parts: [KeyPart] = []
        try scanner.openObject()
        while let member = try scanner.nextKey() {
            let column = try scanner.value(of: member)
            var text: String?
            switch try scanner.peekKind() {
            case .string:
                let value = try scanner.string()
                text = try scanner.value(of: value)
            case .number:
                var digits: [UInt8] = []
                scanner.appendRaw(try scanner.number(), to: &digits)
                text = String(decoding: digits, as: UTF8.self)
            case .boolean: text = try scanner.boolean() ? "true" : "false"
            default: try scanner.skipValue()
            }
            parts.append(KeyPart(column: column, text: text))
        }
        return parts
    }

    /// The first of the two positions in `source.sequence`, such as `["24023128","24023136"]`.
    private static func firstNumber(_ sequence: String) -> LSN? {
        let digits = sequence.utf8.drop { "[\" ".utf8.contains($0) }.prefix { 0x30...0x39 ~= $0 }
        return UInt64(String(decoding: digits, as: UTF8.self)).map { LSN(rawValue: $0) }
    }

    /// The key as JSON, for people and the history.
    static func text(of key: [KeyPart]) -> String {
        let members = key.map { part in
            "\(json(part.column)):\(part.text.map(json) ?? "null")"
        }
        return "{\(members.joined(separator: ","))}"
    }

    private static func json(_ text: String) -> String {
        String(decoding: JSONText.quoted(Array(text.utf8)), as: UTF8.self)
    }
}

/// Which events of a stretch of the stream are of the dead timeline.
///
/// The stream is in the order of commits. What stands at the fork or after it is dead. A change before it is dead
/// too if its transaction was committed after it: such a one follows the last commit before the fork, like all dead
/// ones. So does the last transaction before the fork, which lives: the leader knows which of them was committed,
/// because it has replayed their changes, and with each the transaction's number.
struct DeadBranch: Sendable, Equatable {
    let fork: LSN
    private(set) var lastCommit: LSN?

    init(fork: LSN) {
        self.fork = fork
    }

    /// Every event of the stretch must be shown before the first one is judged.
    mutating func see(_ event: DeadEvent) {
        guard let previous = event.previousCommit, previous <= fork else { return }
        lastCommit = max(lastCommit ?? previous, previous)
    }

    func verdict(on event: DeadEvent) -> Verdict {
        if event.lsn >= fork { return .dead }
        guard let previous = event.previousCommit, let lastCommit, previous >= lastCommit else {
            return .alive
        }
        return event.transaction.map { .deadUnlessCommitted($0) } ?? .dead
    }

    enum Verdict: Sendable, Equatable {
        case alive
        case dead
        /// Dead, unless the leader has this transaction as committed.
        case deadUnlessCommitted(Int64)
    }
}
