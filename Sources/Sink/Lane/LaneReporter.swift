import Kafka
import Model

/// What a lane remembers only to tell it: failures, ends of partitions, ages.
///
/// Kept out of the loop over events; it is touched once a batch and once a turn.
struct LaneReporter {
    private struct Note {
        var end: Int64?
        /// When the oldest record that waits was produced, or seen to be there; milliseconds since 1970.
        var waitingSince: Int64?
        var lastBatchSize = 0
        var lastFailure: LaneView.Failure?
    }

    private static let interval = Duration.milliseconds(200)

    private var notes: [TopicPartition: Note] = [:]
    private var lastFailure: LaneView.Failure?
    private var nextView = Deadline.after(.zero)
    /// Whether the latest view says that nothing waits.
    private var saidIdle = true
    private(set) var destinationAwaySince: Moment?
    private(set) var brokersAwaySince: Moment?
    private(set) var registryAwaySince: Moment?

    // MARK: What happens

    /// A batch is in hand: its first records are the oldest that wait.
    mutating func began(_ advances: [Batch.Advance]) {
        for advance in advances {
            notes[advance.place, default: Note()].waitingSince = advance.oldest ?? Self.now
        }
    }

    /// A batch was applied: what waits after it is no older than its last record.
    mutating func applied(_ advances: [Batch.Advance]) {
        for advance in advances {
            notes[advance.place, default: Note()].waitingSince = advance.newest ?? Self.now
            notes[advance.place]?.lastBatchSize = Int(advance.events)
        }
    }

    mutating func failed(_ text: String, at places: [TopicPartition]) {
        let failure = LaneView.Failure(text: text, at: .now())
        lastFailure = failure
        for place in places { notes[place, default: Note()].lastFailure = failure }
    }

    mutating func destinationWentAway() { destinationAwaySince = .now() }

    mutating func destinationIsBack() { destinationAwaySince = nil }

    mutating func registryWentAway() { registryAwaySince = .now() }

    mutating func registryIsBack() { registryAwaySince = nil }

    mutating func noteBrokers(_ error: KafkaError) {
        lastFailure = LaneView.Failure(text: "\(error)", at: .now())
        if error.name == "_ALL_BROKERS_DOWN", brokersAwaySince == nil { brokersAwaySince = .now() }
    }

    mutating func brokersAnswer() { brokersAwaySince = nil }

    // MARK: Ends of partitions

    mutating func found(end: Int64, of place: TopicPartition) {
        notes[place, default: Note()].end = end
    }

    // MARK: Views

    /// Whether it is time to tell; always when records wait and the latest view says that none do.
    mutating func isDue(hasBatch: Bool) -> Bool {
        guard nextView.hasPassed || (hasBatch && saidIdle) else { return false }
        nextView = .after(Self.interval)
        return true
    }

    mutating func view(
        _ phase: LaneView.Phase,
        _ assignment: Assignment,
        leaders: LeaderWatch,
        fetchedEnd: (TopicPartition) -> Int64?
    ) -> LaneView {
        var view = LaneView()
        view.phase = phase
        view.destinationAwaySince = destinationAwaySince
        view.brokersAwaySince = brokersAwaySince
        view.registryAwaySince = registryAwaySince
        view.lastFailure = lastFailure
        saidIdle = true
        for partition in assignment.partitions where partition.isOwned {
            let place = partition.place
            var note = notes[place, default: Note()]
            // What is asked for and what a fetch told: the later one, because ends only grow.
            let end = [note.end, fetchedEnd(place)].compactMap { $0 }.max()
            let waits = max(end ?? 0, partition.fetched) > partition.applied
            let away = leaders.away(place)
            // Seen to be there, but not read yet: it waits at least since now.
            note.waitingSince = waits ? note.waitingSince ?? Self.now : nil
            if waits { saidIdle = false }
            notes[place] = note
            view.partitions.append(
                LaneView.Partition(
                    place: place,
                    next: partition.applied,
                    // How many wait at a leader that does not answer nobody knows.
                    end: away == nil ? end.map { max($0, partition.applied) } : nil,
                    waitingSince: note.waitingSince,
                    leaderAway: away,
                    isFenced: partition.fencedSince != nil,
                    lastBatchSize: note.lastBatchSize,
                    lastFailure: note.lastFailure
                )
            )
        }
        for (place, next) in assignment.awaited {
            saidIdle = false
            view.partitions.append(
                LaneView.Partition(
                    place: place,
                    next: next,
                    end: nil,
                    waitingSince: nil,
                    leaderAway: leaders.away(place),
                    isFenced: false,
                    lastBatchSize: 0,
                    lastFailure: nil
                )
            )
        }
        view.partitions.sort { $0.place < $1.place }
        return view
    }

    /// Forgets what belongs to partitions that were given up.
    mutating func forget(_ places: [TopicPartition]) {
        for place in places { notes[place] = nil }
    }

    private static var now: Int64 { Moment.wallNow() / 1_000 }
}
