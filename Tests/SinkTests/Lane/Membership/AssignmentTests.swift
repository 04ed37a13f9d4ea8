import Model
import Testing

@testable import Sink

struct AssignmentTests {
    private static let place = TopicPartition(topic: "t", partition: 3)

    @Test func `a record of a partition that was given up has no slot`() {
        var assignment = Assignment()
        assignment.add([Self.place: 10])
        #expect(assignment.slot(topicIndex: 0, partition: 3, topic: "t") == 0)
        assignment.remove([Self.place])
        #expect(assignment.slot(topicIndex: 0, partition: 3, topic: "t") == nil)
        #expect(assignment.offsets.isEmpty)
    }

    @Test func `a partition whose leader is awaited is the lane's, and has no records until it is added`() {
        var assignment = Assignment()
        assignment.postpone(Self.place, at: 10)
        #expect(!assignment.isEmpty && assignment.has(Self.place) && assignment.offsets.isEmpty)
        #expect(assignment.slot(topicIndex: 0, partition: 3, topic: "t") == nil)
        assignment.add([Self.place: 12])
        #expect(assignment.awaited.isEmpty && assignment.offsets == [Self.place: 12])
        #expect(assignment.slot(topicIndex: 0, partition: 3, topic: "t") == 0)

        assignment.postpone(TopicPartition(topic: "t", partition: 4), at: 0)
        assignment.remove([Self.place, TopicPartition(topic: "t", partition: 4)])
        #expect(assignment.isEmpty && !assignment.has(Self.place))
    }

    @Test func `a partition that comes back begins where the destination says`() {
        var assignment = Assignment()
        assignment.add([Self.place: 10])
        assignment.remove([Self.place])
        assignment.add([Self.place: 50])
        #expect(assignment.slot(topicIndex: 0, partition: 3, topic: "t") == 0)
        #expect(assignment.offsets == [Self.place: 50])
    }

    @Test func `offsets without a record are passed when everything in front of them is applied`() {
        var assignment = Assignment()
        assignment.add([Self.place: 10])
        #expect(assignment.passed.isEmpty)
        assignment.reached(13, in: Self.place)
        #expect(assignment.passed[Self.place].map { [$0.from, $0.to] } == [10, 13])
        assignment.partitions[0].fetched = 12
        #expect(assignment.passed.isEmpty)
        assignment.partitions[0].applied = 12
        #expect(assignment.passed[Self.place].map { [$0.from, $0.to] } == [12, 13])
        assignment.pass([Self.place: 13])
        #expect(assignment.passed.isEmpty)
        #expect(assignment.offsets == [Self.place: 13])
        #expect(assignment.fetched(0) == 13)
    }

    @Test func `an end that was met before a rewind says nothing after it`() {
        var assignment = Assignment()
        assignment.add([Self.place: 10])
        assignment.partitions[0].fetched = 20
        assignment.reached(20, in: Self.place)
        assignment.rewind()
        #expect(assignment.passed.isEmpty)
        assignment.reached(20, in: Self.place)
        assignment.partitions[0].fencedSince = .now()
        #expect(assignment.passed.isEmpty)
        assignment.remove([Self.place])
        assignment.add([Self.place: 5])
        #expect(assignment.passed.isEmpty)
    }

    @Test func `a fenced partition can be taken on again, or is given up`() {
        var assignment = Assignment()
        assignment.add([Self.place: 10])
        #expect(assignment.fenced.isEmpty)
        assignment.partitions[0].fencedSince = .now()
        #expect(assignment.fenced == [Self.place])
        assignment.add([Self.place: 30])
        #expect(assignment.fenced.isEmpty)
        #expect(assignment.offsets == [Self.place: 30])
        assignment.partitions[0].fencedSince = .now()
        assignment.remove([Self.place])
        #expect(assignment.fenced.isEmpty)
    }

    @Test func `a fenced partition is no longer moved, and not for ever`() throws {
        var assignment = Assignment()
        assignment.add([Self.place: 10])
        assignment.partitions[0].fencedSince = .now()
        #expect(assignment.offsets.isEmpty)
        try assignment.checkFences()
        assignment.partitions[0].fencedSince = Moment(monotonic: 0, wall: 0)
        #expect(throws: SinkError.self) { try assignment.checkFences() }
    }

    @Test func `going back forgets what was fetched`() {
        var assignment = Assignment()
        assignment.add([Self.place: 10])
        assignment.partitions[0].fetched = 25
        assignment.rewind()
        #expect(assignment.partitions[0].fetched == 10)
    }
}
