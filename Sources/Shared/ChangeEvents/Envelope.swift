/// Debezium's change event: what happened to one row, with the row before and after.
///
/// Holds places in the value's bytes, not the values. See "Data change events" in the documentation of
/// Debezium's PostgreSQL connector.
public struct Envelope: Sendable {
    public enum Operation: UInt8, Sendable {
        case create = 0x63  // c
        case update = 0x75  // u
        case delete = 0x64  // d
        /// A row that a snapshot read.
        case read = 0x72  // r
        case truncate = 0x74  // t
        /// A logical decoding message; it belongs to no table.
        case message = 0x6D  // m
    }

    public var operation: Operation
    /// The row before the change, `nil` where the event has none.
    public var before: Range<Int>?
    /// The row after the change, `nil` where the event has none.
    public var after: Range<Int>?
    /// Where in the source the change comes from.
    public var source: Range<Int>?

    /// Finds the parts of an event in a record's value.
    ///
    /// - Throws: `DecodeError` when the value is not JSON or not an envelope.
    public init(_ value: RawSpan) throws(DecodeError) {
        let payload = try Payload.range(of: value)
        var scanner = JSONScanner(value, in: payload)
        guard try scanner.peekKind() == .object else {
            throw DecodeError("the event is no object", at: payload.lowerBound)
        }
        var former = FormerEvent(isKept: false)
        try self.init(try EnvelopeMembers(&scanner, &former), value, at: payload.lowerBound)
    }

    /// The parts that were found in the object at `position`.
    init(_ members: EnvelopeMembers, _ value: RawSpan, at position: Int) throws(DecodeError) {
        guard let member = members.operation else {
            throw DecodeError("not a change event: it has no op", at: position)
        }
        // The range of a string has its quotes.
        guard member.kind == .string, member.range.count == 3,
            let operation = Self.operation(value, at: member.range.lowerBound + 1)
        else { throw DecodeError("unknown operation", at: member.range.lowerBound) }
        self.operation = operation
        before = try Self.object(members.before)
        after = try Self.object(members.after)
        source = try Self.object(members.source)
    }

    private static func operation(_ value: RawSpan, at position: Int) -> Operation? {
        Operation(rawValue: value.unsafeLoad(fromByteOffset: position, as: UInt8.self))
    }

    private static func object(_ member: EnvelopeMembers.Member?) throws(DecodeError) -> Range<Int>? {
        guard let member, member.kind != .null else { return nil }
        guard member.kind == .object else {
            throw DecodeError("expected an object or null", at: member.range.lowerBound)
        }
        return member.range
    }
}

/// What Kafka Connect's JSON converter writes: the payload alone, or `{"schema": …, "payload": …}`.
public enum Payload {
    /// Where the payload lies: the whole text, or the `payload` member when it stands beside a `schema`.
    ///
    /// A bare object that happens to have exactly the members `schema` (an object or null) and `payload` is
    /// read as the pair. The rest of the text is checked to be JSON.
    ///
    /// - Throws: `DecodeError` when the text is not JSON.
    public static func range(of bytes: RawSpan) throws(DecodeError) -> Range<Int> {
        var scanner = JSONScanner(bytes)
        guard try scanner.peekKind() == .object else {
            let whole = try scanner.skipValue()
            try scanner.finish()
            return whole
        }
        let start = scanner.position
        var hasSchema = false
        var hasOther = false
        var payload: Range<Int>? = nil
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            if scanner.matches(key, "schema") {
                let kind = try scanner.peekKind()
                hasSchema = kind == .object || kind == .null
                try scanner.skipValue()
            } else if scanner.matches(key, "payload") {
                payload = try scanner.skipValue()
            } else {
                hasOther = true
                try scanner.skipValue()
            }
        }
        let whole = start..<scanner.position
        try scanner.finish()
        if let payload, hasSchema, !hasOther { return payload }
        return whole
    }
}
