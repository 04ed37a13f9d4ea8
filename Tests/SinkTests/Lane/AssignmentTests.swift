import Shared
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

    @Test func `a partition that comes back begins where the destination says`() {
        var assignment = Assignment()
        assignment.add([Self.place: 10])
        assignment.remove([Self.place])
        assignment.add([Self.place: 50])
        #expect(assignment.slot(topicIndex: 0, partition: 3, topic: "t") == 0)
        #expect(assignment.offsets == [Self.place: 50])
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
