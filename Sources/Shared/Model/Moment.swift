// With NIO in this module, the compiler takes `timespec` for a declaration of Dispatch's C part.
import CDispatch
import Glibc

/// One point in time on both clocks: the monotonic one orders and measures, the wall clock tells people.
public struct Moment: Sendable, Hashable {
    /// Nanoseconds of `CLOCK_MONOTONIC`: comparable between all processes of one machine since its boot.
    public let monotonic: UInt64
    /// Microseconds since 1970-01-01 UTC.
    public let wall: Int64

    public init(monotonic: UInt64, wall: Int64) {
        self.monotonic = monotonic
        self.wall = wall
    }

    /// Reads both clocks.
    public static func now() -> Moment {
        Moment(monotonic: monotonicNow(), wall: wallNow())
    }

    /// Nanoseconds of `CLOCK_MONOTONIC`.
    public static func monotonicNow() -> UInt64 {
        let time = read(CLOCK_MONOTONIC)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Microseconds since 1970-01-01 UTC.
    public static func wallNow() -> Int64 {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}

/// A point on the monotonic clock at which waiting ends.
public struct Deadline: Sendable, Hashable, Comparable {
    /// Nanoseconds of `CLOCK_MONOTONIC`.
    public let monotonic: UInt64

    /// Waits for ever.
    public static let never = Deadline(monotonic: .max)

    public init(monotonic: UInt64) {
        self.monotonic = monotonic
    }

    /// The point that lies `duration` ahead.
    public static func after(_ duration: Duration) -> Deadline {
        let (end, overflow) = Moment.monotonicNow().addingReportingOverflow(duration.nanoseconds)
        return Deadline(monotonic: overflow ? .max : end)
    }

    public static func < (left: Deadline, right: Deadline) -> Bool {
        left.monotonic < right.monotonic
    }

    /// Whether it has passed.
    public var hasPassed: Bool { Moment.monotonicNow() >= monotonic }

    /// What is left, in milliseconds rounded up, as `poll(2)` takes it: -1 stands for ever.
    public var remainingMilliseconds: Int32 {
        guard self != .never else { return -1 }
        let now = Moment.monotonicNow()
        guard monotonic > now else { return 0 }
        return Int32(clamping: (monotonic - now + 999_999) / 1_000_000)
    }
}
