import Kafka
import Logs
import Model
import Testing

@testable import Sink

/// What a member does with the partitions that it is given, with a consumer that no broker ever answers.
struct MembershipTests {
    private static let (one, other) = (
        TopicPartition(topic: "t", partition: 0), TopicPartition(topic: "t", partition: 1)
    )

    private static func member() throws -> Membership {
        let configuration = try ConfigurationFixture.read(["bootstrap.servers": "127.0.0.1:1"])
        return try Membership(configuration, index: 0, logger: Logger(label: "test"))
    }

    @Test func `partitions are read from where they are told, and no longer when they are given up`() throws {
        var member = try Self.member()
        try member.take([Self.one: 7, Self.other: 3])
        #expect(member.assignment.offsets == [Self.one: 7, Self.other: 3])
        try member.giveUp([Self.one])
        #expect(member.assignment.offsets == [Self.other: 3])
        try member.take([Self.one: 9])
        #expect(member.assignment.offsets == [Self.one: 9, Self.other: 3])
    }

    @Test func `a fenced partition is left alone until it is regained or given up`() throws {
        var member = try Self.member()
        try member.take([Self.one: 7, Self.other: 3])
        try member.fence([Self.one])
        #expect(member.assignment.offsets == [Self.other: 3] && member.assignment.fenced == [Self.one])
        try member.giveUp([Self.one])
        #expect(member.assignment.fenced.isEmpty)
    }

    @Test func `fetching goes on when no reason is left, and the logs are doubted then`() throws {
        var member = try Self.member()
        try member.take([Self.one: 7])
        #expect(try member.pause(.person))
        #expect(try !member.pause(.person), "it is no new reason")
        #expect(try member.pause(.destination))
        #expect(try member.resume(.person))
        #expect(!member.pauses.isEmpty && !member.doubt.take(at: 0))
        #expect(try member.resume(.destination))
        #expect(member.pauses.isEmpty && member.doubt.take(at: 0))
        #expect(try !member.resume(.registry), "it was none")
    }

    @Test func `a consumer that was refused is replaced, and asks for its topics anew`() throws {
        var member = try Self.member()
        member.subscription.topics = ["t"]
        try member.reopen()
        #expect(member.subscription.topics.isEmpty && member.subscription.nextLook.hasPassed)
    }
}
