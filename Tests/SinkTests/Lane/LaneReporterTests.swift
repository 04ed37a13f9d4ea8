import Kafka
import Model
import Testing

@testable import Sink

@Suite struct LaneReporterTests {
    private let place = TopicPartition(topic: "t", partition: 0)

    private func assignment(applied: Int64, fetched: Int64) -> Assignment {
        var assignment = Assignment()
        assignment.add([place: applied])
        assignment.partitions[0].fetched = fetched
        return assignment
    }

    private func advance(_ range: Range<Int64>, _ oldest: Int64?, _ newest: Int64?) -> Batch.Advance {
        Batch.Advance(
            place: place,
            expected: range.lowerBound,
            next: range.upperBound,
            events: Int64(range.count),
            oldest: oldest,
            newest: newest
        )
    }

    @Test func `nothing waits when all is applied`() throws {
        var reporter = LaneReporter()
        let view = reporter.view(.running, assignment(applied: 5, fetched: 5), leaders: LeaderWatch()) { _ in
            5
        }
        let partition = try #require(view.partitions.first)
        #expect(partition.next == 5)
        #expect(partition.end == 5)
        #expect(partition.waitingSince == nil)
    }

    @Test func `a batch in hand waits since its oldest record`() throws {
        var reporter = LaneReporter()
        reporter.began([advance(5..<8, 1_000, 1_500)])
        let view = reporter.view(.running, assignment(applied: 5, fetched: 8), leaders: LeaderWatch()) { _ in
            nil
        }
        #expect(view.partitions.first?.waitingSince == 1_000)
        #expect(view.partitions.first?.end == nil)
    }

    @Test func `after an applied batch nothing is older than its last record`() throws {
        var reporter = LaneReporter()
        reporter.began([advance(5..<8, 1_000, 1_500)])
        reporter.applied([advance(5..<8, 1_000, 1_500)])
        let view = reporter.view(.running, assignment(applied: 8, fetched: 8), leaders: LeaderWatch()) { _ in
            20
        }
        #expect(view.partitions.first?.waitingSince == 1_500)
        #expect(view.partitions.first?.lastBatchSize == 3)
    }

    @Test func `a record that came in a pause waits since it was seen, however old the one before it is`()
        throws
    {
        var reporter = LaneReporter()
        reporter.began([advance(5..<6, 1_000, 1_000)])
        reporter.applied([advance(5..<6, 1_000, 1_000)])
        _ = reporter.view(.paused, assignment(applied: 6, fetched: 6), leaders: LeaderWatch()) { _ in 6 }
        reporter.found(end: 7, of: place)
        let before = Moment.wallNow() / 1_000
        let first = reporter.view(.paused, assignment(applied: 6, fetched: 6), leaders: LeaderWatch()) { _ in
            6
        }
        let since = try #require(first.partitions.first?.waitingSince)
        #expect(since >= before)
        // And it stays there: the age grows.
        let second = reporter.view(.paused, assignment(applied: 6, fetched: 6), leaders: LeaderWatch()) { _ in
            6
        }
        #expect(second.partitions.first?.waitingSince == since)
        #expect(second.partitions.first?.end == 7)
    }

    @Test func `an end that a broker names too low does not undo one that a fetch told`() throws {
        var reporter = LaneReporter()
        reporter.found(end: 6, of: place)
        let view = reporter.view(.running, assignment(applied: 5, fetched: 5), leaders: LeaderWatch()) { _ in
            9
        }
        #expect(view.partitions.first?.end == 9)
    }

    @Test func `how much waits at a leader that does not answer is not known`() throws {
        var reporter = LaneReporter()
        var leaders = LeaderWatch()
        let assignment = assignment(applied: 5, fetched: 5)
        let since = Moment(monotonic: 7, wall: 7)
        leaders.answered(place, at: since)
        let error = KafkaError(name: "_TIMED_OUT", message: "too late", context: "end")
        for _ in 0...LeaderWatch.tolerance { leaders.failed(place, error, at: .now()) }
        let view = reporter.view(.running, assignment, leaders: leaders) { _ in 5 }
        let partition = try #require(view.partitions.first)
        #expect(partition.end == nil)
        #expect(partition.leaderAway == LaneView.Failure(text: "too late (_TIMED_OUT)", at: since))
    }

    @Test func `a partition that was given up is forgotten`() {
        var reporter = LaneReporter()
        reporter.failed("away", at: [place])
        reporter.forget([place])
        let view = reporter.view(.running, assignment(applied: 5, fetched: 5), leaders: LeaderWatch()) { _ in
            5
        }
        #expect(view.partitions.first?.lastFailure == nil)
        #expect(view.lastFailure?.text == "away")
    }

    @Test func `a batch after an idle view is told at once`() {
        var reporter = LaneReporter()
        let first = reporter.isDue(hasBatch: false)
        _ = reporter.view(.running, assignment(applied: 5, fetched: 5), leaders: LeaderWatch()) { _ in 5 }
        let others = [reporter.isDue(hasBatch: false), reporter.isDue(hasBatch: true)]
        #expect(first)
        #expect(others == [false, true])
    }

    @Test func `only the loss of all brokers is an outage`() {
        var reporter = LaneReporter()
        reporter.noteBrokers(KafkaError(name: "_TRANSPORT", message: "one is gone", context: "b"))
        #expect(reporter.brokersAwaySince == nil)
        reporter.noteBrokers(KafkaError(name: "_ALL_BROKERS_DOWN", message: "all are gone", context: "b"))
        #expect(reporter.brokersAwaySince != nil)
        reporter.brokersAnswer()
        #expect(reporter.brokersAwaySince == nil)
    }
}
