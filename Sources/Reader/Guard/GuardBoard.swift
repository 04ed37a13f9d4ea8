import HTTPServer
import Model
import Slots
import Synchronization

/// What the guard has found and done, shared between its threads and HTTP.
final class GuardBoard: Sendable {
    enum Counter: String, Sendable, CaseIterable {
        case clears, rewinds, restarts, gaps
    }

    struct Content: Sendable {
        var isActive = false
        var leader: String?
        var timeline: Timeline?
        var cleared: Timeline?
        /// Where the answer to HAProxy is yes, and until when it may be given without a new look.
        var open: (node: String, timeline: Timeline, until: Deadline)?
        /// When HAProxy was told yes for the last time, in nanoseconds of the monotonic clock.
        var saidYesAt: UInt64
        /// The node that it was told of, and when anybody asked at all.
        var saidYesTo: String?
        var askedAt: UInt64?
        var decision = "nothing was looked at yet"
        var gap: GuardDecision.Gap?
        var gapTimeline: Timeline?
        var acceptedTimeline: Timeline?
        var connector = "unknown"
        var offset: LSN?
        var confirmed: LSN?
        /// The connector's slot, while its configuration is known.
        var slot: (name: String, plugin: String)?
        var standbys = StandbyReadiness()
        var retained: Int64?
        var repairs: [GuardState.Repair] = []
        var doneRepairs: [GuardState.Repair] = []
        var isRepairing = false
        /// A person wants the fork repaired at which this timeline ended.
        var orderedRepair: Timeline?
        var failures: [GuardError.Part: String] = [:]
        var counts: [Counter: Int] = [:]
        var phantoms: [PhantomOutcome: Int] = [:]
    }

    private let content: Mutex<Content>
    private let isDryRun: Bool

    init(isDryRun: Bool) {
        // A guard that ran before may have said yes a moment ago.
        content = Mutex(Content(saidYesAt: Moment.monotonicNow()))
        self.isDryRun = isDryRun
    }

    var now: Content { content.withLock { $0 } }

    func change<R: Sendable>(_ body: (inout sending Content) -> sending R) -> R {
        content.withLock { body(&$0) }
    }

    func count(_ counter: Counter) {
        content.withLock { $0.counts[counter, default: 0] += 1 }
    }

    /// The answer to HAProxy's question about a node.
    func answer(about node: String) -> HTTPAnswer {
        content.withLock { found in
            found.askedAt = Moment.monotonicNow()
            if isDryRun { return .text("closed: a dry run lets nobody through", status: 503) }
            guard let open = found.open, open.node == node else {
                let leader = found.leader.map { "the leader is \($0)" } ?? "there is no leader"
                let reason = found.leader == node ? found.decision : leader
                return .text("closed: \(reason)", status: 503)
            }
            guard !open.until.hasPassed else {
                return .text("closed: the guard has not seen the leader for a while", status: 503)
            }
            found.saidYesAt = Moment.monotonicNow()
            found.saidYesTo = node
            return .text("open: \(node) leads on timeline \(open.timeline), which is cleared")
        }
    }

    /// A person wants a fork repaired that came while nobody watched.
    func orderRepair(_ text: String) -> HTTPAnswer {
        content.withLock { found in
            guard let number = UInt32(text) else { return .text("\(text) is no timeline", status: 400) }
            guard found.isActive else {
                return .text("another guard is the active one: ask that", status: 409)
            }
            guard let timeline = found.timeline, found.cleared == timeline else {
                return .text("nothing is repaired before the leader's timeline is cleared", status: 409)
            }
            guard number < timeline.rawValue else {
                return .text("timeline \(number) has not ended: the leader is on \(timeline)", status: 409)
            }
            found.orderedRepair = Timeline(number)
            return .text(
                "accepted: rows that were changed since timeline \(number) ended are written again",
                status: 202
            )
        }
    }

    /// A person accepts the gap on a timeline.
    func accept(_ text: String) -> HTTPAnswer {
        content.withLock { found in
            guard let number = UInt32(text) else { return .text("\(text) is no timeline", status: 400) }
            guard found.isActive else {
                return .text("another guard is the active one: ask that", status: 409)
            }
            guard let gap = found.gap, let timeline = found.gapTimeline, timeline.rawValue == number else {
                let held = found.gapTimeline.map { "timeline \($0) is held" } ?? "no gap is held"
                return .text("nothing to accept for timeline \(number): \(held)", status: 409)
            }
            found.acceptedTimeline = timeline
            return .text("accepted: capture goes on without \(gap.range)", status: 202)
        }
    }
}

/// What became of the key of a phantom.
enum PhantomOutcome: String, Sendable, CaseIterable {
    /// The row is on the leader: it was written again, as it is.
    case touched
    /// The row is not there: it was inserted and deleted again, so that a delete event follows.
    case deleted
    /// It could not be put right; the reason says why.
    case left
}
