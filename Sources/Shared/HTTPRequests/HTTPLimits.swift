/// How long a request may take and how much a reply may hold.
public struct HTTPLimits: Sendable, Equatable {
    /// The whole request, from the look-up of the name to the last byte; at least 1 ms.
    public var timeout: Duration
    /// The name's look-up, the connection and TLS together; at most `timeout` counts.
    public var connectTimeout: Duration = .seconds(5)
    /// Bytes of a reply's body.
    public var bodySize = 16 << 20
    /// Bytes of all lines of a reply's heads together.
    public var headSize = 64 << 10

    public init(timeout: Duration) {
        self.timeout = timeout
    }

    /// Milliseconds for libcurl, rounded up, as 0 would mean "no limit" there.
    var milliseconds: (whole: Int, connect: Int) {
        let whole = Self.milliseconds(timeout)
        return (whole, min(whole, Self.milliseconds(connectTimeout)))
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        let longest: Int64 = 24 * 3_600
        guard seconds < longest else { return Int(longest) * 1_000 }
        guard seconds >= 0, attoseconds >= 0 else { return 1 }
        return max(1, Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}
