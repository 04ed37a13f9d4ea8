/// A position in the write-ahead log of one timeline, as PostgreSQL prints it: `16/B374D848`.
///
/// LSNs order events within one timeline only. After a failover the new timeline reuses the numbers after
/// the fork, so two LSNs are comparable only if nothing forked between them.
public struct LSN: Hashable, Comparable, Sendable, LosslessStringConvertible {
    /// Byte position since the start of the log.
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Parses `X/Y`, two hexadecimal halves, or returns `nil`.
    public init?(_ description: String) {
        let halves = description.parts(at: "/", keepingEmpty: true)
        guard halves.count == 2, halves.allSatisfy({ (1...8).contains($0.utf8.count) }),
            let high = UInt32(halves[0], radix: 16), let low = UInt32(halves[1], radix: 16)
        else { return nil }
        rawValue = UInt64(high) << 32 | UInt64(low)
    }

    public var description: String {
        String(rawValue >> 32, radix: 16, uppercase: true) + "/"
            + String(rawValue & 0xFFFF_FFFF, radix: 16, uppercase: true)
    }

    public static func < (left: LSN, right: LSN) -> Bool {
        left.rawValue < right.rawValue
    }
}
