import Shared

/// One record of the topic, as far as the search for phantoms looks at it.
struct DeadEvent: Sendable, Equatable {
    /// A value of a record's key.
    struct KeyPart: Sendable, Hashable {
        var column: String
        /// The value as text; `nil` where it is null or no single value.
        var text: String?
    }

    /// The table that the event names, with its schema.
    struct Table: Sendable, Hashable {
        var schema: String
        var name: String
    }

    var table: Table
    var key: [KeyPart]
    /// Where the change stands in the log.
    var lsn: LSN
    /// Where the last transaction before this one was committed, `nil` for the first one after a start.
    var previousCommit: LSN?
    /// The transaction's number, of 32 bits, as `source.txId` says.
    var transaction: Int64?

    /// Reads a record; `nil` for one that is no change of a row: a tombstone, a truncate, a message.
    static func read(key: RawSpan, value: RawSpan) throws(DecodeError) -> DeadEvent? {
        let envelope = try Envelope(value)
        guard envelope.operation != .truncate, envelope.operation != .message, let source = envelope.source
        else { return nil }
        var (lsn, transaction, previous): (Int64?, Int64?, LSN?) = (nil, nil, nil)
        var (schema, name): (String?, String?) = (nil, nil)
        var scanner = JSONScanner(value, in: source)
        try scanner.openObject()
        while let member = try scanner.nextKey() {
            switch try scanner.peekKind() {
            case .number where scanner.matches(member, "lsn"): lsn = try scanner.integer()
            case .number where scanner.matches(member, "txId"): transaction = try scanner.integer()
            case .string where scanner.matches(member, "sequence"):
                let text = try scanner.string()
                previous = firstNumber(try scanner.value(of: text))
            case .string where scanner.matches(member, "schema"):
                let text = try scanner.string()
                schema = try scanner.value(of: text)
            case .string where scanner.matches(member, "table"):
                let text = try scanner.string()
                name = try scanner.value(of: text)
            default: try scanner.skipValue()
            }
        }
        guard let lsn, let schema, let name else { return nil }
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
        let digits = sequence.drop { $0 == "[" || $0 == "\"" || $0 == " " }.prefix(while: \.isNumber)
        return UInt64(digits).map { LSN(rawValue: $0) }
    }

    /// The key as JSON, for people and the history.
    static func text(of key: [KeyPart]) -> String {
        let members = key.map { part in
            "\"\(part.column)\":" + (part.text.map { "\"\($0.replacing("\"", with: "\\\""))\"" } ?? "null")
        }
        return "{\(members.joined(separator: ","))}"
    }
}

/// Which events of a stretch of the stream are of the dead timeline.
///
/// The stream is in the order of commits. What stands at the fork or behind it is dead. A change before it is dead
/// too if its transaction was committed behind it: such a one follows the last commit before the fork, like all dead
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
