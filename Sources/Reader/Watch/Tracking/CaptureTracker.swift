import Model

/// Finds out that the source changes and nothing of it reaches the topic, without asking for any row.
///
/// The table's counters say that something was written; from then on the slot must be confirmed, or an event
/// come, up to where the log ended at that moment.
struct CaptureTracker: Sendable {
    private struct Waiting: Sendable {
        var position: LSN
        var since: UInt64
    }

    /// More than this are joined to the last.
    private static let capacity = 64
    /// PostgreSQL's statistics may be so late: an idle session hands them over after 10 s.
    private static let statisticsDelay: UInt64 = 12_000_000_000

    private var waiting: [Waiting] = []
    private var changes: Int64?
    private var position: LSN?
    private var timeline: Timeline?
    /// When the source was looked at last; nanoseconds of the monotonic clock.
    private(set) var lookedAt: UInt64 = 0

    /// Takes one look at the source.
    ///
    /// - Parameters:
    ///   - changes: tuples of the table that were inserted, updated or deleted, as the statistics count.
    ///   - position: the end of the log, read after `changes`.
    ///   - captured: up to where changes are known to be in the topic.
    ///   - lastEvent: when a record came last.
    ///   - time: nanoseconds of the monotonic clock.
    mutating func look(
        changes: Int64,
        position: LSN,
        timeline: Timeline,
        captured: LSN?,
        lastEvent: UInt64?,
        at time: UInt64
    ) {
        lookedAt = time
        if timeline != self.timeline {
            // Positions of the old timeline mean nothing here: what waits must be found after the log's end of now.
            for index in waiting.indices { waiting[index].position = position }
            self.timeline = timeline
            self.changes = nil
        }
        if let known = self.changes, changes != known {
            // The log goes on without anything for this table, so what ended it at the last look must do.
            let end = self.position ?? position
            if waiting.count >= Self.capacity {
                waiting[waiting.count - 1].position = end
            } else {
                waiting.append(Waiting(position: end, since: time))
            }
        } else if let lastEvent {
            // Nothing was written since: the events that came are those that the late counters told of.
            waiting.removeAll { lastEvent + Self.statisticsDelay >= $0.since }
        }
        (self.changes, self.position) = (changes, position)
        if let captured { waiting.removeAll { $0.position <= captured } }
    }

    /// How long the oldest change waits to be captured, in microseconds; `nil` when none does.
    func age(at time: UInt64) -> UInt64? {
        guard let oldest = waiting.first?.since else { return nil }
        return time > oldest ? (time - oldest) / 1_000 : 0
    }
}
