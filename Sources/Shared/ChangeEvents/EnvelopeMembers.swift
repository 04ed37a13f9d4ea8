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

    /// Steps over the object that comes next.
    ///
    /// - Parameter lastSource: the text of `source` in the event before, which is much like this one's.
    init(_ scanner: inout JSONScanner, _ lastSource: inout RepeatedText) throws(DecodeError) {
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            try add(key, &scanner, &lastSource)
        }
    }

    init() {}

    /// Steps over the value of `key`, and keeps where it lies if it is one of the members.
    mutating func add(
        _ key: JSONScanner.Text,
        _ scanner: inout JSONScanner,
        _ lastSource: inout RepeatedText
    ) throws(DecodeError) {
        isEmpty = false
        let kind = try scanner.peekKind()
        if scanner.matches(key, "source") {
            source = Member(kind: kind, range: try lastSource.skip(&scanner))
            return
        }
        let member = Member(kind: kind, range: try scanner.skipValue())
        if scanner.matches(key, "op") {
            operation = member
        } else if scanner.matches(key, "before") {
            before = member
        } else if scanner.matches(key, "after") {
            after = member
        } else if scanner.matches(key, "message") {
            message = member
        } else if scanner.matches(key, "__deleted") {
            deleted = member
        }
    }

    var areAnEnvelope: Bool {
        operation != nil && source?.kind == .object && (before != nil || after != nil || message != nil)
    }
}
