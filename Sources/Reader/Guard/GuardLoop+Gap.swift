import Shared

/// What happens where changes can't be had from the slot any more.
extension GuardLoop {
    /// A gap: said once, and kept until a person or a snapshot makes up for it.
    mutating func hold(_ gap: GuardDecision.Gap, _ view: LeaderSession.View) throws(GuardError) {
        let (isSnapshot, signals) = (settings.onGap == .snapshot, facts?.signals)
        var text = "\(gap.reason): the changes from \(gap.range) are lost to the stream"
        if !isSnapshot {
            text += "; capture waits: accept it with POST /clear/\(view.timeline), or repair the slot"
        } else if signals == nil {
            text +=
                "; capture waits: the connector has no signal.data.collection, so no snapshot can be asked for"
        }
        let isNew = report.once(
            "decision",
            .gap,
            text,
            node: session?.node,
            timeline: view.timeline,
            from: gap.from,
            to: gap.to
        )
        let timeline = view.timeline
        board.change { ($0.gap, $0.gapTimeline) = (gap, timeline) }
        if isNew { board.count(.gaps) }
        if isSnapshot, signals != nil {
            board.change { $0.acceptedTimeline = timeline }
        }
    }

    /// Goes on behind a gap: the slot is made if there is none, the offset moves to where it begins.
    mutating func skip(
        _ gap: GuardDecision.Gap,
        _ view: LeaderSession.View,
        fork: LSN?
    ) throws(GuardError) {
        guard let session, let facts else { return }
        var begin = gap.to
        if begin == nil {
            begin = try onLeader { () throws(PostgresError) in
                try session.makeSlot(facts.slot, plugin: facts.plugin)
            }
        }
        guard let begin else { throw GuardError(.leader, "slot \(facts.slot) can't be made") }
        guard try move(view, to: begin, isGap: true) else { return }
        if settings.onGap == .snapshot, let signals = facts.signals {
            let tables = try onLeader { () throws(PostgresError) in
                try session.requestSnapshot(
                    signals: TableName(signals),
                    publication: facts.publication,
                    id: "guard-\(view.timeline)"
                )
            }
            report.act(
                .snapshot,
                "an incremental snapshot of \(tables.joined(separator: ", ")) makes up for it; rows that were "
                    + "deleted in the gap stay in the destination",
                timeline: view.timeline,
                from: gap.from,
                to: begin
            )
        }
        try clear(view, fork: fork, "goes on at \(begin), without the changes from \(gap.from) on")
    }
}
