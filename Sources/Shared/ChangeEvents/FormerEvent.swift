/// What the change events before were like: the next one's `source`, and what follows it, differ from theirs in digits
/// only, so that they need no closer look.
public struct FormerEvent: Sendable {
    /// What stands after `source`, up to the end of the envelope: `,"transaction":null,"op":"u","ts_ms":…}`.
    private struct Tail {
        var text: RepeatedText
        /// Where the operation's value lies in it, quotes included.
        var operation: Int
        var letter: UInt8
    }

    /// One for each operation that is often met, and no more than are compared quickly.
    private static let tailLimit = 4
    /// Quotes included.
    private static let operationLength = 3

    var source: RepeatedText
    private var tails: [Tail] = []
    private let isKept: Bool

    /// - Parameter isKept: false for an event that comes once.
    public init(isKept: Bool = true) {
        source = RepeatedText(isKept: isKept)
        self.isKept = isKept
    }

    /// Steps over what stands after `source`, if it is like that of a former event; the envelope's closing brace is
    /// what comes next then.
    ///
    /// - Returns: where the operation lies, quotes included.
    func skipTail(_ scanner: inout JSONScanner) -> Range<Int>? {
        let start = scanner.position
        for index in tails.indices {
            guard let end = tails[index].text.end(scanner.bytes, from: start, limit: scanner.end) else {
                continue
            }
            scanner.position = end - 1
            let operation = start + tails[index].operation
            return operation..<operation + Self.operationLength
        }
        return nil
    }

    /// Keeps what stood after `source`, the envelope's closing brace included; it has no other member of the envelope
    /// than the operation.
    mutating func learnTail(_ text: RawSpan, operation: Range<Int>) {
        guard isKept, operation.count == Self.operationLength else { return }
        let letter = text.unsafeLoad(fromByteOffset: operation.lowerBound + 1, as: UInt8.self)
        for index in 0..<operation.lowerBound {
            // A number that grows would move the operation.
            let byte = text.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            if byte &- UInt8(ascii: "0") < 10 { return }
        }
        var tail = Tail(text: RepeatedText(), operation: operation.lowerBound, letter: letter)
        tail.text.learn(text)
        if let known = tails.firstIndex(where: { $0.letter == letter }) {
            tails[known] = tail
        } else if tails.count < Self.tailLimit {
            tails.append(tail)
        } else {
            tails[0] = tail
        }
    }
}
