import HTTPServer
import Model
import Synchronization

/// The gate for capture: what HAProxy is told about each node, and when it asked.
///
/// One lock for both: once the gate is closed, no later yes than the one that is noted was said.
final class CaptureGate: Sendable {
    /// For how long an answer holds that is not confirmed by a new look.
    static let freshness: Duration = .seconds(5)

    /// What HAProxy has asked, in nanoseconds of the monotonic clock.
    struct Questions: Sendable, Equatable {
        /// How long HAProxy may take to ask again once the gate is open.
        static let patience: UInt64 = 3_000_000_000

        /// When anybody asked at all.
        var askedAt: UInt64?
        /// When the answer was yes for the last time, and about which node.
        var saidYesAt: UInt64
        var saidYesTo: String?

        enum Knowledge: Sendable, Equatable {
            case knows, doesNotKnow
            /// Nobody asks: the connector may reach the leader by another way.
            case isNotThere
        }

        /// Whether HAProxy knows that the gate is open for the node.
        func knowledge(of node: String?, at now: UInt64) -> Knowledge {
            guard let askedAt, now - min(askedAt, now) < Self.patience else { return .isNotThere }
            return saidYesTo == node && now - min(saidYesAt, now) < Self.patience ? .knows : .doesNotKnow
        }
    }

    private struct State: Sendable {
        /// The node and until when the answer may be given without a new look.
        var open: (node: String, timeline: Timeline, until: Deadline)?
        var questions: Questions
    }

    private let state: Mutex<State>
    private let isDryRun: Bool

    init(isDryRun: Bool) {
        // A guard that ran before may have said yes a moment ago.
        state = Mutex(State(questions: Questions(saidYesAt: Moment.monotonicNow())))
        self.isDryRun = isDryRun
    }

    var questions: Questions { state.withLock { $0.questions } }

    /// Whether HAProxy would be told yes about the leader.
    var isOpen: Bool { state.withLock { $0.open.map { !$0.until.hasPassed } ?? false } }

    func open(for node: String, _ timeline: Timeline, until: Deadline = .after(freshness)) {
        state.withLock { $0.open = (node, timeline, until) }
    }

    func close() {
        state.withLock { $0.open = nil }
    }

    /// The answer to HAProxy's question about a node.
    ///
    /// - Parameter shown: names the reason where the answer is no.
    func answer(about node: String, _ shown: GuardBoard.Content) -> HTTPAnswer {
        state.withLock { found in
            let now = Moment.monotonicNow()
            found.questions.askedAt = now
            if isDryRun { return .text("closed: a dry run lets nobody through", status: 503) }
            guard let open = found.open, open.node == node else {
                let leader = shown.leader.node.map { "the leader is \($0)" } ?? "there is no leader"
                let reason = shown.leader.node == node ? shown.decision : leader
                return .text("closed: \(reason)", status: 503)
            }
            guard !open.until.hasPassed else {
                return .text("closed: the guard has not seen the leader for a while", status: 503)
            }
            (found.questions.saidYesAt, found.questions.saidYesTo) = (now, node)
            return .text("open: \(node) leads on timeline \(open.timeline), which is cleared")
        }
    }
}
