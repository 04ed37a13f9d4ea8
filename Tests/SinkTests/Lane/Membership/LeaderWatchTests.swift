import Kafka
import Model
import Testing

@testable import Sink

@Suite struct LeaderWatchTests {
    private let place = TopicPartition(topic: "t", partition: 0)
    private let error = KafkaError(name: "_TIMED_OUT", message: "too late", context: "end", isTransient: true)

    /// Answers of one leader in a row, and since which of them it is away.
    @Test(
        arguments: [
            ([], nil), ([true], nil), ([true, false], nil), ([true, false, false], 0),
            ([true, true, false, false, false], 1), ([true, false, false, true], nil),
            ([true, false, true, false], nil),
            // It has never answered: since it was first asked.
            ([false, false], 0),
        ] as [([Bool], UInt64?)]
    )
    func `a leader is away since its last answer, once two in a row are missing`(
        answers: [Bool],
        since: UInt64?
    ) {
        var watch = LeaderWatch()
        for (second, isAnswer) in answers.enumerated() {
            let now = Moment(monotonic: UInt64(second), wall: 0)
            if isAnswer { watch.answered(place, at: now) } else { watch.failed(place, error, at: now) }
        }
        #expect(watch.away(place)?.at.monotonic == since)
    }

    @Test func `what the lane has is asked for about once a second`() {
        var watch = LeaderWatch()
        var assignment = Assignment()
        assignment.add([place: 0, TopicPartition(topic: "t", partition: 1): 0])
        assignment.remove([TopicPartition(topic: "t", partition: 1)])
        #expect(watch.due(assignment) == [place])
        #expect(watch.due(assignment) == [])
        let later = Moment(monotonic: Moment.monotonicNow() + 1_100_000_000, wall: 0)
        #expect(watch.due(assignment, at: later) == [place])
    }

    @Test func `an awaited partition is asked for, and an answer counts until the next one is missing`() {
        var watch = LeaderWatch()
        var assignment = Assignment()
        assignment.postpone(place, at: 7)
        let now = Moment.now()
        watch.failed(place, error, at: now)
        #expect(watch.due(assignment) == [place])
        #expect(watch.recentEnd(of: place, at: now) == nil)
        watch.answered(place, end: 9, at: now)
        #expect(watch.recentEnd(of: place, at: now) == 9)
        watch.failed(place, error, at: now)
        #expect(watch.recentEnd(of: place, at: now) == nil)
    }

    @Test func `a partition that was given up is forgotten`() {
        var watch = LeaderWatch()
        for _ in 0..<3 { watch.failed(place, error, at: .now()) }
        watch.forget([place])
        #expect(watch.away(place) == nil)
    }
}
