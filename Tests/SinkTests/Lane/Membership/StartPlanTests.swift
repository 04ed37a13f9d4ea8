import Kafka
import Model
import Testing

@testable import Sink

struct StartPlanTests {
    private static let (one, other) = (
        TopicPartition(topic: "t", partition: 0), TopicPartition(topic: "t", partition: 1)
    )

    private static func bounds(_ low: Int64, _ high: Int64) -> LogBounds {
        LogBounds(low: low, high: high, leaderEpoch: nil)
    }

    @Test func `a partition with progress goes on there, whatever the group has`() throws {
        let plan = try StartPlan(
            stored: [Self.one: 7],
            committed: [Self.one: CommittedOffset(offset: 3, note: "")],
            bounds: [Self.one: Self.bounds(0, 9)],
            policy: .latest
        )
        #expect(plan.offsets == [Self.one: 7] && plan.fresh.isEmpty && plan.continued == [Self.one: 7])
    }

    @Test func `one that was never begun begins where the group is, and is not among the continued`() throws {
        let plan = try StartPlan(
            stored: [Self.one: 7],
            committed: [Self.other: CommittedOffset(offset: 3, note: "")],
            bounds: [Self.one: Self.bounds(0, 9), Self.other: Self.bounds(1, 5)],
            policy: .earliest
        )
        #expect(plan.offsets == [Self.one: 7, Self.other: 3] && plan.continued == [Self.one: 7])
        #expect(plan.fresh[Self.other]?.reason == .group)
    }

    @Test func `one whose leader does not answer is left out`() throws {
        let plan = try StartPlan(
            stored: [Self.one: 7, Self.other: 2],
            committed: [:],
            bounds: [Self.other: Self.bounds(0, 9)],
            policy: .earliest
        )
        #expect(plan.offsets == [Self.other: 2])
    }

    @Test(arguments: [(0, 3), (9, 12)] as [(Int64, Int64)])
    func `progress outside the log stops the lane`(low: Int64, high: Int64) {
        #expect {
            try StartPlan(
                stored: [Self.one: 7],
                committed: [:],
                bounds: [Self.one: Self.bounds(low, high)],
                policy: .earliest
            )
        } throws: { error in
            guard case SinkError.missingOffset(Self.one, stored: 7, low, high) = error else { return false }
            return true
        }
    }
}
