import Model

/// How long to wait before the next try: not at all, then full jitter from 50 ms, doubled up to a cap.
///
/// The cap is low because it is a part of every outage that is measured; the jitter keeps many clients from
/// knocking at a new leader all at once.
public struct Backoff: Sendable {
    private static let first: UInt64 = 50_000_000
    /// Nanoseconds that no wait exceeds.
    private let cap: UInt64

    private var failures = 0

    /// - Parameter cap: what no wait exceeds.
    public init(cap: Duration = .seconds(1)) {
        self.cap = cap.nanoseconds
    }

    /// The longest wait that the next try may ask for.
    public var ceiling: Duration {
        failures == 0 ? .zero : .nanoseconds(min(cap, Self.first << UInt64(min(failures - 1, 10))))
    }

    /// The wait before the next try.
    public mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    /// The wait before the next try, by a generator that makes it repeatable.
    public mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let nanoseconds = Int64(clamping: ceiling.nanoseconds)
        failures += 1
        return .nanoseconds(Int64.random(in: 0...nanoseconds, using: &generator))
    }

    /// Begins anew, after a success.
    public mutating func reset() {
        failures = 0
    }
}
