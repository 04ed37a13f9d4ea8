import History
import Model

/// What `--dry-run` says instead of doing it.
extension GuardLoop {
    /// Only says what it would do.
    mutating func rehearse(_ view: LeaderSession.View) throws(GuardError) {
        var now = try situation(view)
        if GuardDecision(now) == .settle {
            report.once(
                "rehearsed settle",
                .settle,
                "restart the tasks, so that the offset is final",
                timeline: view.timeline
            )
            now.isOffsetFinal = true
        }
        if case .prove(let position) = GuardDecision(now) { now.decoding = try prove(at: position) }
        let decision = GuardDecision(now)
        let text = decision.text(on: view.timeline)
        board.change { $0.decision = text }
        switch decision {
        case .keep:
            report.once("rehearsed", .clear, "timeline \(view.timeline) is cleared", timeline: view.timeline)
        case .settle, .prove: break
        case .wait(let reason): report.once("rehearsed", .refuse, reason, timeline: view.timeline)
        case .clear(let reason):
            // From here on this is what a guard would know.
            report.once("rehearsed", .clear, reason, timeline: view.timeline)
            if let text = now.unjudgedText {
                report.once("rehearsed forks", .refuse, text, timeline: view.timeline)
            }
            known.state.cleared = view.timeline.rawValue
        case .rewind(let from, let to):
            let isNew = report.once(
                "rehearsed \(view.timeline)",
                .stop,
                "stop the connector, move its offset back to the fork, resume it: without it the stream skips "
                    + "what timeline \(view.timeline) commits before \(from)",
                timeline: view.timeline,
                from: from,
                to: to
            )
            if isNew { known.state.cleared = view.timeline.rawValue }
        case .gap(let gap), .skip(let gap):
            report.once(
                "rehearsed",
                .gap,
                "\(gap.reason): lost is \(gap.range)",
                timeline: view.timeline,
                from: gap.from,
                to: gap.to
            )
        }
    }
}
