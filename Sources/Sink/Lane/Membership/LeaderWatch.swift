import Kafka
import Model

/// Which partitions' leaders answer, judged by the answers to the question for their ends.
///
/// A partition whose leader can't be reached delivers nothing, and nothing waits as far as this lane can see: without
/// this it would look like one of which all is applied.
struct LeaderWatch {
    private struct Note {
        /// When the leader last answered, or the partition was taken on.
        var answered: Moment
        /// Where the partition ended then.
        var end: Int64?
        var failureCount = 0
        var failure = ""
    }

    /// Questions in a row that a leader may leave open: one is lost whenever a partition gets another leader.
    static let tolerance = 1
    /// How long leaders may take to answer.
    static let timeoutMilliseconds: Int32 = 3_000

    private var notes: [TopicPartition: Note] = [:]
    private var nextQuestion = Deadline.after(.zero)

    /// The partitions to ask for now: all that the lane has, about once a second, and fewer times where they are many.
    mutating func due(_ assignment: Assignment, at now: Moment = .now()) -> [TopicPartition] {
        guard nextQuestion.monotonic <= now.monotonic else { return [] }
        let places = assignment.places
        nextQuestion = .after(.milliseconds(max(1_000, 2 * places.count)))
        for place in places where notes[place] == nil { notes[place] = Note(answered: now) }
        return places
    }

    mutating func answered(_ place: TopicPartition, end: Int64? = nil, at now: Moment) {
        notes[place] = Note(answered: now, end: end)
    }

    /// Where a partition ended within the last seconds, as its leader said to the last question.
    func recentEnd(of place: TopicPartition, at now: Moment = .now()) -> Int64? {
        guard let note = notes[place], note.failureCount == 0,
            now.monotonic - note.answered.monotonic < 5_000_000_000
        else { return nil }
        return note.end
    }

    mutating func failed(_ place: TopicPartition, _ error: KafkaError, at now: Moment) {
        notes[place, default: Note(answered: now)].failureCount += 1
        notes[place]?.failure = "\(error.message) (\(error.name))"
    }

    /// Since when a partition's leader does not answer, and with which error; `nil` while it does.
    func away(_ place: TopicPartition) -> LaneView.Failure? {
        guard let note = notes[place], note.failureCount > Self.tolerance else { return nil }
        return LaneView.Failure(text: note.failure, at: note.answered)
    }

    mutating func forget(_ places: [TopicPartition]) {
        for place in places { notes[place] = nil }
    }
}
