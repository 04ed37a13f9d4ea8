import History
import Postgres

/// What happens where changes can't be had from the slot any more.
extension GuardLoop {
    /// A gap: said once, and kept until a person or a snapshot makes up for it.
    mutating func hold(_ gap: GuardDecision.Gap, _ view: LeaderSession.View) throws(GuardError) {
        let (isSnapshot, signals) = (settings.policy.onGap == .snapshot, facts?.signals)
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

    /// Goes on after a gap: the slot is made if there is none, the offset moves to where it begins.
    mutating func skip(
        _ gap: GuardDecision.Gap,
        _ view: LeaderSession.View,
        of now: GuardSituation?
    ) throws(GuardError) {
        guard let session, let facts else { return }
        var begin = gap.to
        if begin == nil {
            var kind = view.slotKind ?? state.slot ?? GuardState.SlotKind()
            kind.isFailover = kind.isFailover || facts.isFailoverSlot
            begin = try onLeader { () throws(PostgresError) in
                try session.makeSlot(facts.slot, plugin: facts.plugin, kind: kind, replaces: gap.isSlotUnfit)
            }
        }
        guard let begin else { throw GuardError(.leader, "slot \(facts.slot) can't be made") }
        guard try move(view, to: begin, isGap: true) == .moved else { return }
        if settings.policy.onGap == .snapshot, let signals = facts.signals {
            let table: TableName
            do throws(UnquotableText) {
                table = try TableName(signals)
            } catch {
                throw GuardError(.connect, "the connector's signal.data.collection: \(error)")
            }
            let tables = try onLeader { () throws(PostgresError) in
                try session.requestSnapshot(
                    signals: table,
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
        try clear(view, of: now, "goes on at \(begin), without the changes from \(gap.from) on")
    }
}
