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
    /// a row. In a row `source` is never an object: nested values of a table's columns come as text.
    ///
    /// - Throws: `DecodeError` when the value is not JSON, no object, or an envelope that is damaged.
    public init(_ value: RawSpan) throws(DecodeError) {
        let payload = try Payload.range(of: value)
        var scanner = JSONScanner(value, in: payload)
        let kind = try scanner.peekKind()
        if kind == .null {
            self = .null
            return
        }
        guard kind == .object else { throw DecodeError("the value is no object", at: payload.lowerBound) }
        let members = try EnvelopeMembers(value, in: payload)
        if members.areAnEnvelope {
            self = .envelope(try Envelope(members, value, at: payload.lowerBound))
        } else if members.isEmpty {
            throw DecodeError("the value has no fields", at: payload.lowerBound)
        } else {
            self = .row(payload, deleted: members.deleted?.range)
        }
    }
}

/// The members of an object that tell whether it is an envelope, and are its parts if it is.
struct EnvelopeMembers {
    struct Member {
        let kind: JSONScanner.Kind
        let range: Range<Int>
    }

    private(set) var operation: Member?
    private(set) var before: Member?
    private(set) var after: Member?
    private(set) var source: Member?
    private(set) var message: Member?
    private(set) var deleted: Member?
    private(set) var isEmpty = true

    init(_ value: RawSpan, in payload: Range<Int>) throws(DecodeError) {
        var scanner = JSONScanner(value, in: payload)
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            isEmpty = false
            let member = Member(kind: try scanner.peekKind(), range: try scanner.skipValue())
            if scanner.matches(key, "op") {
                operation = member
            } else if scanner.matches(key, "before") {
                before = member
            } else if scanner.matches(key, "after") {
                after = member
            } else if scanner.matches(key, "source") {
                source = member
            } else if scanner.matches(key, "message") {
                message = member
            } else if scanner.matches(key, "__deleted") {
                deleted = member
            }
        }
    }

    var areAnEnvelope: Bool {
        operation != nil && source?.kind == .object && (before != nil || after != nil || message != nil)
    }
}
