import History
import Model

/// A time in which no write of any worker was acknowledged although one was due.
struct Outage: Sendable, Equatable {
    /// The last acknowledgement before.
    var began: Moment
    /// Nanoseconds from there to the first acknowledgement after.
    var length: UInt64
    var failures: Failures
    var before: HistoryLine.Session
    /// Where the first write after it was acknowledged; `nil` while it lasts.
    var after: HistoryLine.Session?
}

/// What failed since shortly before the last acknowledgement.
struct Failures: Sendable, Equatable {
    /// Attempts to write and to connect.
    var count = 0
    var infoCount = 0
    /// How often each SQLSTATE, or name of a cause without one, came.
    var causes: [String: Int] = [:]
    /// The last one in words.
    var last: String?
}

/// Finds outages in the stream of acknowledgements and failures of all workers; no I/O, no clock.
struct OutageDetector: Sendable {
    /// Nanoseconds without an acknowledgement that are an outage.
    ///
    /// More than several intervals of the schedule: so writes were due in it, and they failed or still wait for an
    /// answer.
    let threshold: UInt64
    private var lastAcknowledged: (moment: Moment, session: HistoryLine.Session)?
    private(set) var failures = Failures()
    /// When the oldest of `failures` came, in nanoseconds of the monotonic clock.
    private var failuresBegan: UInt64 = 0

    /// - Parameter rate: at low rates, some pause between two writes is no outage.
    init(rate: Int?) {
        threshold = max(1_000_000_000, rate.map { 5_000_000_000 / UInt64($0) } ?? 0)
    }

    /// A write was acknowledged.
    ///
    /// - Returns: the outage that it ended, if there was one.
    mutating func acknowledged(at moment: Moment, on session: HistoryLine.Session) -> Outage? {
        let ended = outage(at: moment, after: session)
        // While one worker's session ends, another may still be acknowledged: what fails in the second before the
        // last acknowledgement belongs to the outage that begins with it.
        if failures.count > 0, ended != nil || moment.monotonic > failuresBegan + 1_000_000_000 {
            failures = Failures()
        }
        // Workers report in any order: an older acknowledgement must not move the mark back.
        if moment.monotonic >= lastAcknowledged?.moment.monotonic ?? 0 {
            lastAcknowledged = (moment, session)
        }
        return ended
    }

    /// An attempt to write or to connect failed, or its outcome is unknown.
    mutating func failed(at moment: Moment, cause: String, message: String, isInfo: Bool) {
        if failures.count == 0 { failuresBegan = moment.monotonic }
        failures.count += 1
        if isInfo { failures.infoCount += 1 }
        failures.causes[cause, default: 0] += 1
        failures.last = "\(cause): \(message)"
    }

    /// The outage that lasts at `moment`, if there is one.
    func ongoing(at moment: Moment) -> Outage? {
        outage(at: moment, after: nil)
    }

    private func outage(at moment: Moment, after session: HistoryLine.Session?) -> Outage? {
        guard let last = lastAcknowledged,
            moment.monotonic > last.moment.monotonic + threshold
        else { return nil }
        return Outage(
            began: last.moment,
            length: moment.monotonic - last.moment.monotonic,
            failures: failures,
            before: last.session,
            after: session
        )
    }
}
