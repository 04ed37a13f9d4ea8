import HTTPServer
import Model
import Slots
import Telemetry

/// What the guard answers over HTTP.
struct GuardRoutes: Sendable {
    let exchange: GuardExchange
    let connector: String

    /// What HAProxy asks about each node, for a listener of its own.
    var gate: [HTTPRoute] {
        [
            HTTPRoute(.get, "/capture/:node") { [exchange] question in
                exchange.gate.answer(about: question["node"] ?? "", exchange.board.now)
            }
        ]
    }

    var all: [HTTPRoute] {
        let (exchange, connector) = (exchange, connector)
        return gate + [
            HTTPRoute(.get, "/health") { _ in
                let failures = exchange.board.now.failures
                guard !failures.isEmpty else { return .text("ok") }
                let text = failures.map { "\($0.key.rawValue): \($0.value)" }.sorted()
                return .text(text.joined(separator: "\n"), status: 503)
            },
            HTTPRoute(.get, "/status") { _ in
                .json(GuardStatus(exchange.board.now, isOpen: exchange.gate.isOpen, connector: connector))
            },
            HTTPRoute(.get, "/metrics") { _ in
                .metrics(GuardMetrics.text(exchange.board.now, isOpen: exchange.gate.isOpen))
            },
            HTTPRoute(.post, "/clear/:timeline") { question in
                exchange.orders.accept(question["timeline"] ?? "", exchange.board.now)
            },
            HTTPRoute(.post, "/repair/:timeline") { question in
                exchange.orders.repair(question["timeline"] ?? "", exchange.board.now)
            },
        ]
    }
}

/// The document under `/status`: one object, in three parts that are written one after the other.
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

    /// The leader, and what the guard makes of it.
    private struct Guarding: Encodable {
        var active: Bool
        var leader: String?
        var timeline: UInt32?
        var cleared_timeline: UInt32?
        var gate: String
        var decision: String
        var gap: Gap?
        var repairs_pending: Int
    }

    /// The connector and its slot.
    private struct Capture: Encodable {
        var connector: String
        var connector_state: String
        var stored_offset: String?
        var slot_confirmed: String?
        var slot_retained_bytes: Int64?
    }

    private struct Surroundings: Encodable {
        var standbys: [String: Standby]
        var unreachable: [String: String]
    }

    private var guarding: Guarding
    private var capture: Capture
    private var surroundings: Surroundings

    init(_ found: GuardBoard.Content, isOpen: Bool, connector: String) {
        guarding = Guarding(
            active: found.isActive,
            leader: found.leader.node,
            timeline: found.leader.timeline?.rawValue,
            cleared_timeline: found.leader.cleared?.rawValue,
            gate: isOpen ? "open" : "closed",
            decision: found.decision,
            gap: found.held.map {
                Gap(from: $0.gap.from.description, to: $0.gap.to?.description, reason: $0.gap.reason)
            },
            repairs_pending: found.repairs.count
        )
        capture = Capture(
            connector: connector,
            connector_state: found.connector.state,
            stored_offset: found.connector.offset?.description,
            slot_confirmed: found.slot.confirmed?.description,
            slot_retained_bytes: found.slot.retained
        )
        let now = Moment.monotonicNow()
        surroundings = Surroundings(
            standbys: found.standbys.standbys.mapValues {
                Standby(
                    ready: $0.isReady,
                    reason: $0.reason,
                    seconds: Int64((now - $0.since) / 1_000_000_000)
                )
            },
            unreachable: .init(uniqueKeysWithValues: found.failures.map { ($0.key.rawValue, $0.value) })
        )
    }

    func encode(to encoder: any Encoder) throws {
        try guarding.encode(to: encoder)
        try capture.encode(to: encoder)
        try surroundings.encode(to: encoder)
    }
}

/// The guard's metrics.
enum GuardMetrics {
    static func text(_ found: GuardBoard.Content, isOpen: Bool) -> MetricsText {
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
            isOpen ? 1 : 0
        )
        if let timeline = found.leader.timeline {
            text.add(
                .gauge,
                "handover_guard_timeline",
                "The leader's timeline.",
                Int(timeline.rawValue)
            )
        }
        if let cleared = found.leader.cleared {
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
            found.held == nil ? 0 : 1
        )
        text.add(
            .gauge,
            "handover_guard_repairs_pending",
            "Forks whose phantoms are not all put right yet.",
            found.repairs.count
        )
        if let retained = found.slot.retained {
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
