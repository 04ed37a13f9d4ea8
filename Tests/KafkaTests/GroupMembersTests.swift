import Testing

@testable import Kafka
@testable import Model

@Suite struct GroupMembersTests {
    /// Version 0; topic "t" with partitions 2 and 5, topic "u" without any; no user data.
    private static let bytes: [UInt8] =
        [0, 0, 0, 0, 0, 2, 0, 1, 0x74, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 5, 0, 1, 0x75, 0, 0, 0, 0]
        + [0xFF, 0xFF, 0xFF, 0xFF]

    @Test func `a member's assignment is read from the consumer protocol's bytes`() {
        let places = GroupMembers.partitions(in: Self.bytes.span.bytes)
        #expect(places == [2, 5].reduce(into: []) { $0.insert(TopicPartition(topic: "t", partition: $1)) })
        #expect(GroupMembers.partitions(in: [0, 1, 0, 0, 0, 0].span.bytes) == [])
    }

    @Test func `bytes that end too early, or promise too much, are no assignment`() {
        for length in 0..<(Self.bytes.count - 4) {
            #expect(GroupMembers.partitions(in: Array(Self.bytes[..<length]).span.bytes) == nil)
        }
        let large: [UInt8] = [0x7F, 0xFF, 0xFF, 0xFF]
        // Counts of topics, of a topic's bytes (too many, and below zero), of partitions.
        let tails: [[UInt8]] = [
            large, [0, 0, 0, 1, 0x7F, 0xFF], [0, 0, 0, 1, 0xFF, 0xFF], [0, 0, 0, 1, 0, 0] + large,
        ]
        for tail in tails {
            #expect(GroupMembers.partitions(in: ([0, 0] + tail).span.bytes) == nil)
        }
    }
}
