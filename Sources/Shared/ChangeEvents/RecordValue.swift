/// What a record's value is: Debezium's envelope, or the row itself as `ExtractNewRecordState` leaves it.
public enum RecordValue: Sendable {
    /// No value: a tombstone that a converter wrote as `null` or `{"schema":null,"payload":null}`.
    case null
    case envelope(Envelope)
    /// A flattened record: where the row lies, and where in it the value of `__deleted`, if it has one.
    case row(Range<Int>, deleted: Range<Int>?)

    /// Finds out what a value is.
    ///
    /// An envelope has `op`, `source` and at least one of `before`, `after` and `message`; any other object is
    /// a row. A row of Debezium's has no object as `source`: nested values of a table's columns come as text.
    ///
    /// - Parameter takesEnvelopes: false where the value is a row, whatever its columns are called.
    /// - Throws: `DecodeError` when the value is not JSON, no object, or an envelope that is damaged.
    public init(_ value: RawSpan, takesEnvelopes: Bool = true) throws(DecodeError) {
        var former = FormerEvent(isKept: false)
        try self.init(value, knownSchema: 0, like: &former, takesEnvelopes: takesEnvelopes)
    }

    /// As `init(_:)`, for a value that is known to begin with `{"schema":` and a whole schema.
    ///
    /// - Parameter knownSchema: the number of bytes up to the schema's end, which are not looked at; 0 when the
    ///   beginning is not known.
    /// - Parameter former: what the record before was like.
    /// - Parameter takesEnvelopes: false where the value is a row, whatever its columns are called.
    public init(
        _ value: RawSpan,
        knownSchema: Int,
        like former: inout FormerEvent,
        takesEnvelopes: Bool = true
    ) throws(DecodeError) {
        var scanner = JSONScanner(value)
        if knownSchema > 0 {
            scanner.position = knownSchema
        } else {
            let kind = try scanner.peekKind()
            guard kind == .object else {
                let whole = try scanner.skipValue()
                try scanner.finish()
                guard kind == .null else {
                    throw DecodeError("the value is no object", at: whole.lowerBound)
                }
                self = .null
                return
            }
        }
        try self.init(&scanner, value, hasSchema: knownSchema > 0, takesEnvelopes, &former)
    }

    /// Reads the object that comes next; its members tell whether it is a schema with a payload or the payload.
    private init(
        _ scanner: inout JSONScanner,
        _ value: RawSpan,
        hasSchema isOpen: Bool,
        _ takesEnvelopes: Bool,
        _ former: inout FormerEvent
    ) throws(DecodeError) {
        var hasSchema = isOpen
        var hasOther = false
        var members = EnvelopeMembers()
        var payload: Range<Int>? = nil
        var payloadKind = JSONScanner.Kind.null
        var payloadMembers = EnvelopeMembers()
        let start = scanner.position
        if !isOpen { try scanner.openObject() }
        while let key = try scanner.nextKey() {
            if scanner.matches(key, "schema") {
                let kind = try scanner.peekKind()
                hasSchema = kind == .object || kind == .null
                try members.add(key, &scanner, &former)
                members.addOther()
            } else if scanner.matches(key, "payload") {
                members.addOther()
                payloadKind = try scanner.peekKind()
                let begin = scanner.position
                if payloadKind == .object {
                    payloadMembers = try EnvelopeMembers(&scanner, &former)
                } else {
                    try scanner.skipValue()
                }
                payload = begin..<scanner.position
            } else {
                hasOther = true
                try members.add(key, &scanner, &former)
            }
        }
        members.end(scanner, &former)
        let whole = start..<scanner.position
        try scanner.finish()
        guard let payload, hasSchema, !hasOther else {
            // A payload alone is a column of this name.
            self = try Self.make(
                members,
                takesEnvelopes,
                isEmpty: members.isEmpty && payload == nil,
                value,
                whole
            )
            return
        }
        switch payloadKind {
        case .null: self = .null
        case .object:
            self = try Self.make(
                payloadMembers,
                takesEnvelopes,
                isEmpty: payloadMembers.isEmpty,
                value,
                payload
            )
        default: throw DecodeError("the value is no object", at: payload.lowerBound)
        }
    }

    private static func make(
        _ members: EnvelopeMembers,
        _ takesEnvelopes: Bool,
        isEmpty: Bool,
        _ value: RawSpan,
        _ range: Range<Int>
    ) throws(DecodeError) -> RecordValue {
        if takesEnvelopes, members.areAnEnvelope {
            return .envelope(try Envelope(members, value, at: range.lowerBound))
        }
        guard !isEmpty else { throw DecodeError("the value has no fields", at: range.lowerBound) }
        return .row(range, deleted: members.deleted?.range)
    }
}
