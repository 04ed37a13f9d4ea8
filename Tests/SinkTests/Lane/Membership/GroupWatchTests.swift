import Kafka
import Model
import Testing

@testable import Sink

@Suite struct GroupWatchTests {
    private static let two = ["t": TopicOutline(partitionCount: 2, identifier: "a")]

    private static func members(_ assigned: [Int32], isStable: Bool = true) -> GroupMembers {
        GroupMembers(
            isStable: isStable,
            assigned: Set(assigned.map { TopicPartition(topic: "t", partition: $0) })
        )
    }

    /// What the looks found, and which of them has the group form anew.
    @Test(
        arguments: [
            ([members([0, 1]), members([0, 1])], []),
            // Once is a group that is about to form by itself.
            ([members([0]), members([0, 1])], []),
            ([members([0]), members([0])], [1]),
            ([members([]), members([])], [1]),
            // Another partition each time: they move.
            ([members([0]), members([1]), members([0])], []),
            ([members([], isStable: false), members([], isStable: false)], []),
            ([members([0]), members([], isStable: false), members([0])], []),
            ([members([0]), members([0]), members([0]), members([0, 1])], [1]),
        ] as [([GroupMembers], [Int])]
    )
    func `partitions that nobody has at two looks in a row have the group form anew`(
        looks: [GroupMembers],
        expected: [Int]
    ) {
        var watch = GroupWatch()
        var found: [Int] = []
        for (index, members) in looks.enumerated() {
            let now = Moment(monotonic: UInt64(index + 1) * 10_000_000_000, wall: 0)
            let strangers = watch.strangers(in: Self.two, besides: [])
            if watch.abandoned(strangers, by: members, at: now) != nil { found.append(index) }
        }
        #expect(found == expected)
    }

    @Test func `the members are asked for only about partitions that were never somebody's`() {
        var watch = GroupWatch()
        let places = (0..<3).map { TopicPartition(topic: "t", partition: $0) }
        #expect(watch.strangers(in: Self.two, besides: [places[0]]) == [places[1]])
        _ = watch.abandoned([places[1]], by: Self.members([1]))
        #expect(watch.strangers(in: Self.two, besides: []).isEmpty)
        // A partition was added, and the broker that was asked before did not know of it.
        let three = ["t": TopicOutline(partitionCount: 3, identifier: "a")]
        #expect(watch.strangers(in: three, besides: []) == [places[2]])
        #expect(watch.strangers(in: [:], besides: []).isEmpty)
        // Another topic of that name.
        let other = ["t": TopicOutline(partitionCount: 2, identifier: "b")]
        #expect(watch.strangers(in: other, besides: []) == [places[0], places[1]])
    }

    @Test func `brokers without identifiers are asked for the members no more often`() {
        var watch = GroupWatch()
        let topics = ["t": TopicOutline(partitionCount: 1)]
        let place = TopicPartition(topic: "t", partition: 0)
        #expect(watch.strangers(in: topics, besides: []) == [place])
        _ = watch.abandoned([place], by: Self.members([0]))
        #expect(watch.strangers(in: topics, besides: []).isEmpty)
    }

    @Test func `what joining again does not help is tried less and less often`() {
        var watch = GroupWatch()
        var times: [UInt64] = []
        for second in stride(from: UInt64(10), through: 1_200, by: 10) {
            let now = Moment(monotonic: second * 1_000_000_000, wall: 0)
            let strangers = watch.strangers(in: Self.two, besides: [])
            if watch.abandoned(strangers, by: Self.members([0]), at: now) != nil { times.append(second) }
        }
        #expect(times == [20, 40, 60, 100, 180, 340, 640, 940])
    }

    @Test func `a member that has left asks nothing and joins once`() {
        var watch = GroupWatch()
        let later = Moment(monotonic: Moment.monotonicNow() + 11_000_000_000, wall: 0)
        let isDueAtOnce = watch.isDue()
        watch.left(for: .zero)
        let isDueOutside = watch.isDue(at: later)
        let returns = [watch.takeReturn(), watch.takeReturn()]
        let isDueAgain = watch.isDue(at: later)
        #expect(!isDueAtOnce && !isDueOutside && isDueAgain)
        #expect(returns == [true, false])
    }
}
