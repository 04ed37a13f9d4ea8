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
    /// Where what stands after `source` begins, while nothing in it is more than the operation.
    private var tail: Int?

    /// Steps over the object that comes next.
    ///
    /// - Parameter former: what the event before was like.
    init(_ scanner: inout JSONScanner, _ former: inout FormerEvent) throws(DecodeError) {
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            try add(key, &scanner, &former)
        }
        end(scanner, &former)
    }

    init() {}

    /// Steps over the value of `key`, and keeps where it lies if it is one of the members.
    mutating func add(
        _ key: JSONScanner.Text,
        _ scanner: inout JSONScanner,
        _ former: inout FormerEvent
    ) throws(DecodeError) {
        isEmpty = false
        let kind = try scanner.peekKind()
        if scanner.matches(key, "source") {
            source = Member(kind: kind, range: try former.source.skip(&scanner))
            if let range = former.skipTail(&scanner) {
                operation = Member(kind: .string, range: range)
                tail = nil
            } else {
                tail = scanner.position
            }
            return
        }
        let member = Member(kind: kind, range: try scanner.skipValue())
        if scanner.matches(key, "op") {
            operation = member
            return
        }
        if scanner.matches(key, "before") {
            before = member
        } else if scanner.matches(key, "after") {
            after = member
        } else if scanner.matches(key, "message") {
            message = member
        } else if scanner.matches(key, "__deleted") {
            deleted = member
        } else {
            return
        }
        tail = nil
    }

    /// Notes a member that is not the envelope's own.
    mutating func addOther() {
        tail = nil
    }

    /// Keeps what stood after `source` for the next event; the object's end was consumed.
    func end(_ scanner: borrowing JSONScanner, _ former: inout FormerEvent) {
        guard let tail, let operation, operation.kind == .string, operation.range.lowerBound > tail else {
            return
        }
        former.learnTail(
            scanner.bytes.extracting(tail..<scanner.position),
            operation: operation.range.lowerBound - tail..<operation.range.upperBound - tail
        )
    }

    var areAnEnvelope: Bool {
        operation != nil && source?.kind == .object && (before != nil || after != nil || message != nil)
    }
}
