import Model
import Slots
import Synchronization

/// What the guard has found and done, for people: its threads write it, and HTTP shows it.
///
/// Output only: no decision reads it. What people order comes by `GuardOrders`, what HAProxy asks by `CaptureGate`.
final class GuardBoard: Sendable {
    enum Counter: String, Sendable, CaseIterable {
        case clears, rewinds, restarts, gaps
    }

    struct Content: Sendable {
        /// Whether this guard has the lock, and acts.
        var isActive = false
        var leader = Leader()
        var slot = Slot()
        var connector = Connector()
        var decision = "nothing was looked at yet"
        var held: Held?
        var standbys = StandbyReadiness()
        var repairs: [GuardState.Repair] = []
        var failures: [GuardError.Part: String] = [:]
        var counts: [Counter: Int] = [:]
        var phantoms: [PhantomOutcome: Int] = [:]

        /// What is decided while the gate is open.
        static let open = "open"

        /// Says why the gate is closed where it was said to be open; any other reason is said on.
        mutating func close(_ reason: String) {
            if decision == Self.open { decision = reason }
        }
    }

    struct Leader: Sendable, Equatable {
        var node: String?
        var timeline: Timeline?
        var cleared: Timeline?
    }

    /// The connector's slot on the leader.
    struct Slot: Sendable, Equatable {
        var confirmed: LSN?
        var retained: Int64?
    }

    struct Connector: Sendable, Equatable {
        var state = "unknown"
        var offset: LSN?
    }

    /// A gap because of which capture waits.
    struct Held: Sendable, Equatable {
        var timeline: Timeline
        var gap: GuardDecision.Gap
    }

    private let content = Mutex(Content())

    var now: Content { content.withLock { $0 } }

    func change(_ body: (inout sending Content) -> Void) {
        content.withLock { body(&$0) }
    }

    func count(_ counter: Counter) {
        content.withLock { $0.counts[counter, default: 0] += 1 }
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
