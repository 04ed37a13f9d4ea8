import Model

/// Which forks have a say, and which the guard can't judge.
extension GuardSituation {
    private var former: [Timeline: LSN] { forks.filter { $0.key < timeline } }

    /// Where this timeline left the one that was cleared last, or the one before it.
    var branch: LSN? {
        let first = cleared?.rawValue ?? timeline.rawValue - 1
        return (former.filter { $0.key.rawValue >= first }.values + [bound].compactMap(\.self)).min()
    }

    /// From where on the topics may have events of a dead timeline; `nil` where nothing says so.
    ///
    /// Whoever knows which timeline was cleared last knows that nothing was captured between that one's end and now.
    /// Else a stream that runs, or has passed a fork, went on after it, and its events from there on are as likely
    /// alive: only a fork that the slot or the stored offset has not passed yet counts.
    var phantoms: LSN? {
        if cleared != nil { return branch }
        guard let offset else { return bound }
        var reached = offset
        if case .at(let confirmed, let isStreaming) = slot {
            if isStreaming { return nil }
            reached = min(reached, confirmed)
        }
        return (former.values.filter { $0 >= reached } + [bound].compactMap(\.self)).min()
    }

    /// The forks of the leader's history that came while nobody watched, the last one first.
    var unjudged: [(timeline: Timeline, end: LSN)] {
        guard cleared == nil, offset != nil else { return [] }
        let judged = phantoms
        return former.filter { fork in judged.map { fork.value < $0 } ?? true }
            .sorted { $0.key > $1.key }.map { ($0.key, $0.value) }
    }

    /// What is to be said of them; `nil` where there are none.
    var unjudgedText: String? {
        let all = unjudged
        guard !all.isEmpty else { return nil }
        var text = all.prefix(3).map { "timeline \($0.timeline) ended at \($0.end)" }
            .joined(separator: ", ")
        if all.count > 3 { text += " and \(all.count - 3) before" }
        return
            "nothing is repaired, because nobody watched these forks: \(text). Changes that the stream skipped "
            + "there are still missing, and rows of a dead timeline still in the destination: reader compare finds "
            + "them, and POST /repair/TIMELINE, with the number of one that ended, writes all rows again that "
            + "were changed since"
    }
}
