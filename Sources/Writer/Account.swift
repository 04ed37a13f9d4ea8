import Histogram
import History
import Model
import Telemetry

/// What all workers did, for the progress lines and the summary; they report each write once.
struct Account: Sendable {
    /// Numbers since the begin of the run.
    struct Counts: Sendable, Equatable {
        var ok = 0
        var fail = 0
        var info = 0
        var settledOk = 0
        var settledFail = 0
        /// Rows that held another value than the one acknowledged last.
        var observed = 0
        var connected = 0
        var connectFailed = 0
    }

    /// Latencies of acknowledged writes.
    struct Latencies: Sendable {
        /// Since the moment at which the schedule wanted the write.
        var intended = LatencyHistogram()
        /// Since the attempt was begun.
        var service = LatencyHistogram()

        mutating func merge(_ other: Latencies) {
            intended.merge(other.intended)
            service.merge(other.service)
        }
    }

    private(set) var counts = Counts()
    /// Causes of all failed and unknown attempts, and of failed tries to connect.
    private(set) var causes: [String: Int] = [:]
    private(set) var outages: [Outage] = []
    /// Where the last write was acknowledged; before the first one, where the first session is.
    private(set) var leader: HistoryLine.Session?
    private(set) var recent = Latencies()
    /// The latencies of `Latencies` in seconds, as a scraper wants them.
    private(set) var intendedBuckets = BucketHistogram.seconds
    private(set) var serviceBuckets = BucketHistogram.seconds
    private var earlier = Latencies()
    private var detector: OutageDetector

    init(rate: Int?) {
        detector = OutageDetector(rate: rate)
    }

    /// A run begins: the time since the one before it was no outage.
    mutating func begin(rate: Int?) {
        detector = OutageDetector(rate: rate)
    }

    /// An acknowledged write; latencies in microseconds.
    mutating func acknowledged(
        at moment: Moment,
        on session: HistoryLine.Session,
        latency: UInt64,
        intendedLatency: UInt64
    ) {
        counts.ok += 1
        recent.service.record(microseconds: latency)
        recent.intended.record(microseconds: intendedLatency)
        serviceBuckets.record(Double(latency) / 1e6)
        intendedBuckets.record(Double(intendedLatency) / 1e6)
        if leader != session { leader = session }
        if let outage = detector.acknowledged(at: moment, on: session) { outages.append(outage) }
    }

    /// An attempt that was not acknowledged.
    mutating func failed(_ outcome: Outcome, at moment: Moment, cause: String, message: String) {
        if outcome == .info { counts.info += 1 } else { counts.fail += 1 }
        note(moment, cause, message, isInfo: outcome == .info)
    }

    /// A session came about.
    mutating func connected(_ session: HistoryLine.Session) {
        counts.connected += 1
        leader = leader ?? session
    }

    /// A try to connect failed.
    mutating func connectFailed(at moment: Moment, cause: String, message: String) {
        counts.connectFailed += 1
        note(moment, cause, message, isInfo: false)
    }

    /// A row in doubt was read.
    mutating func settled(_ settlement: Settlement) {
        if let didHappen = settlement.didHappen { settled(didHappen: didHappen) }
        observed(settlement.surprises.count)
    }

    /// An attempt of unknown outcome was settled.
    mutating func settled(didHappen: Bool) {
        if didHappen { counts.settledOk += 1 } else { counts.settledFail += 1 }
    }

    /// Rows held other values than expected.
    mutating func observed(_ count: Int) {
        counts.observed += count
    }

    /// The outage that lasts at `moment`, if there is one.
    func ongoingOutage(at moment: Moment) -> Outage? {
        detector.ongoing(at: moment)
    }

    /// The latencies since the last call.
    mutating func takeRecent() -> Latencies {
        defer { recent = Latencies() }
        earlier.merge(recent)
        return recent
    }

    /// The latencies of the whole run.
    var latencies: Latencies {
        var all = earlier
        all.merge(recent)
        return all
    }

    private mutating func note(_ moment: Moment, _ cause: String, _ message: String, isInfo: Bool) {
        causes[cause, default: 0] += 1
        detector.failed(at: moment, cause: cause, message: message, isInfo: isInfo)
    }
}
