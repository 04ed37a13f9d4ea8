import HTTPServer
import Model
import Slots
import Telemetry

/// What the guard answers over HTTP.
struct GuardRoutes: Sendable {
    let board: GuardBoard
    let connector: String

    /// What HAProxy asks about each node, for a listener of its own.
    var gate: [HTTPRoute] {
        [
            HTTPRoute(.get, "/capture/:node") { [board] question in
                board.answer(about: question["node"] ?? "")
            }
        ]
    }

    var all: [HTTPRoute] {
        let (board, connector) = (board, connector)
        return gate + [
            HTTPRoute(.get, "/health") { _ in
                let failures = board.now.failures
                guard !failures.isEmpty else { return .text("ok") }
                let text = failures.map { "\($0.key.rawValue): \($0.value)" }.sorted()
                return .text(text.joined(separator: "\n"), status: 503)
            },
            HTTPRoute(.get, "/status") { _ in .json(GuardStatus(board.now, connector: connector)) },
            HTTPRoute(.get, "/metrics") { _ in .metrics(GuardMetrics.text(board.now)) },
            HTTPRoute(.post, "/clear/:timeline") { question in board.accept(question["timeline"] ?? "") },
            HTTPRoute(.post, "/repair/:timeline") { question in
                board.orderRepair(question["timeline"] ?? "")
            },
        ]
    }
}

/// The document under `/status`.
struct GuardStatus: Encodable {
    struct Gap: Encodable {
        var from: String
        var to: String?
        var reason: String
    }

    struct Standby: Encodable {
        var ready: Bool
        var reason: String
        var seconds: Int64
    }

    var connector: String
    var connector_state: String
    var active: Bool
    var leader: String?
    var timeline: UInt32?
    var cleared_timeline: UInt32?
    var gate: String
    var decision: String
    var stored_offset: String?
    var slot_confirmed: String?
    var slot_retained_bytes: Int64?
    var gap: Gap?
    var repairs_pending: Int
    var standbys: [String: Standby]
    var unreachable: [String: String]

    init(_ found: GuardBoard.Content, connector: String) {
        self.connector = connector
        connector_state = found.connector
        active = found.isActive
        leader = found.leader
        timeline = found.timeline?.rawValue
        cleared_timeline = found.cleared?.rawValue
        gate = found.isOpen ? "open" : "closed"
        decision = found.decision
        stored_offset = found.offset?.description
        slot_confirmed = found.confirmed?.description
        slot_retained_bytes = found.retained
        gap = found.gap.map { Gap(from: $0.from.description, to: $0.to?.description, reason: $0.reason) }
        repairs_pending = found.repairs.count
        let now = Moment.monotonicNow()
        standbys = found.standbys.standbys.mapValues {
            Standby(ready: $0.isReady, reason: $0.reason, seconds: Int64((now - $0.since) / 1_000_000_000))
        }
        unreachable = .init(uniqueKeysWithValues: found.failures.map { ($0.key.rawValue, $0.value) })
    }
}

extension GuardBoard.Content {
    /// Whether HAProxy would be told yes about the leader.
    var isOpen: Bool { open.map { !$0.until.hasPassed } ?? false }
}

/// The guard's metrics.
enum GuardMetrics {
    static func text(_ found: GuardBoard.Content) -> MetricsText {
        var text = MetricsText()
        text.add(
            .gauge,
            "handover_guard_active",
            "1 while this guard holds the lock and acts.",
            found.isActive ? 1 : 0
        )
        text.add(
            .gauge,
            "handover_guard_gate_open",
            "1 while HAProxy is told that capture may reach the leader.",
            found.isOpen ? 1 : 0
        )
        if let timeline = found.timeline {
            text.add(
                .gauge,
                "handover_guard_timeline",
                "The leader's timeline.",
                Int(timeline.rawValue)
            )
        }
        if let cleared = found.cleared {
            text.add(
                .gauge,
                "handover_guard_cleared_timeline",
                "The last timeline that was cleared.",
                Int(cleared.rawValue)
            )
        }
        text.add(
            .counter,
            "handover_guard_actions_total",
            "What the guard did, by action.",
            GuardBoard.Counter.allCases.map { .init(found.counts[$0] ?? 0, ["action": $0.rawValue]) }
        )
        text.add(
            .counter,
            "handover_guard_phantoms_total",
            "Keys of phantoms, by what became of them.",
            PhantomOutcome.allCases.map { .init(found.phantoms[$0] ?? 0, ["outcome": $0.rawValue]) }
        )
        text.add(
            .gauge,
            "handover_guard_gap",
            "1 while capture is held because changes are lost to the stream.",
            found.gap == nil ? 0 : 1
        )
        text.add(
            .gauge,
            "handover_guard_repairs_pending",
            "Forks whose phantoms are not all put right yet.",
            found.repairs.count
        )
        if let retained = found.retained {
            text.add(
                .gauge,
                "handover_guard_slot_retained_bytes",
                "Log that the slot keeps back on the leader.",
                Int(retained)
            )
        }
        text.add(
            .gauge,
            "handover_guard_standby_ready",
            "1 where a switchover to the node would cost no changes.",
            found.standbys.standbys.map { .init($0.value.isReady ? 1 : 0, ["node": $0.key]) }
        )
        text.add(
            .gauge,
            "handover_guard_unreachable",
            "1 while a part can't be asked.",
            GuardError.Part.allCases.map { .init(found.failures[$0] == nil ? 0 : 1, ["part": $0.rawValue]) }
        )
        return text
    }
}
