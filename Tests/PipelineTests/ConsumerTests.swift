import Foundation
import Kafka
import Model
import Synchronization
import Testing

extension PipelineTests {
    /// Records are taken from librdkafka by the batch: those that lie ready are no use once their partition moved.
    @Test func `a consumer goes on where it is told to, whatever it has fetched already`() throws {
        let topic = "consumer"
        let (first, second) = (
            TopicPartition(topic: topic, partition: 0), TopicPartition(topic: topic, partition: 1)
        )
        let brokers = try #require(lab.environment["HANDOVER_BOOTSTRAP"])
        var producer = try Producer.open(properties: ["bootstrap.servers": brokers])
        try producer.createTopic(topic, partitionCount: 2, replicationFactor: 1, timeoutMilliseconds: 10_000)
        let records = (0..<2_000).map { number in
            ProducerRecord(place: number % 2 == 0 ? first : second, key: nil, value: Array("\(number)".utf8))
        }
        _ = try producer.send(records)

        var consumer = try Consumer.open(properties: [
            "bootstrap.servers": brokers, "group.id": "consumer-test",
        ])
        // Some hundred more lie ready after the first record that is read.
        try consumer.assign([first: 0])
        var next: [Int32: Int64] = [0: 0]
        try read(&consumer, &next) { $0 != [0: 0] }
        try consumer.seek(first, to: 700)
        next = [0: 700]
        try read(&consumer, &next) { $0 != [0: 700] }

        try consumer.unassign([first])
        try consumer.assign([first: 300, second: 0])
        next = [0: 300, 1: 0]
        try read(&consumer, &next) { $0[0] != 300 && $0[1] != 0 }
        // What is ready of the other partition is kept.
        try consumer.seek(first, to: 900)
        next[0] = 900
        try read(&consumer, &next) { $0 == [0: 1_000, 1: 1_000] }
        try consumer.close()
    }

    /// An end that is believed after its partition was moved back would pass over the records in between.
    @Test func `the end of a partition that was moved back since is not told`() throws {
        let place = TopicPartition(topic: "consumer-ends", partition: 0)
        let brokers = try #require(lab.environment["HANDOVER_BOOTSTRAP"])
        var producer = try Producer.open(properties: ["bootstrap.servers": brokers])
        try producer.createTopic(
            place.topic,
            partitionCount: 1,
            replicationFactor: 1,
            timeoutMilliseconds: 10_000
        )
        _ = try producer.send([ProducerRecord(place: place, key: nil, value: [1])])
        var consumer = try Consumer.open(properties: [
            "bootstrap.servers": brokers, "group.id": "consumer-ends", "enable.partition.eof": "true",
        ])
        try consumer.assign([place: 0])
        func readToEnd() throws {
            let deadline = Deadline.after(.seconds(30))
            var count = 0
            // The poll that brings nothing has met the end on its way.
            while try consumer.poll(timeoutMilliseconds: 2_000) != nil || count == 0 {
                count += 1
                try #require(!deadline.hasPassed)
            }
        }
        try readToEnd()
        try consumer.seek(place, to: 0)
        #expect(consumer.takeReachedEnds().isEmpty)
        try readToEnd()
        #expect(consumer.takeReachedEnds() == [place: 1])
        try consumer.close()
    }

    /// The order to stop may come right after a rebalance, before it is answered.
    @Test(arguments: ["assigned", "revoked"], ["cooperative-sticky", "range"])
    func `a member that leaves in the middle of a rebalance is gone at once`(
        _ kind: String,
        _ strategy: String
    ) async throws {
        let topic = "consumer-leaves-\(kind)-\(strategy)"
        let brokers = try #require(lab.environment["HANDOVER_BOOTSTRAP"])
        let producer = try Producer.open(properties: ["bootstrap.servers": brokers])
        try producer.createTopic(topic, partitionCount: 2, replicationFactor: 1, timeoutMilliseconds: 10_000)
        let properties = [
            "bootstrap.servers": brokers, "group.id": topic,
            "partition.assignment.strategy": strategy, "heartbeat.interval.ms": "500",
            "session.timeout.ms": "6000",
        ]
        // On a thread of its own: a member that hangs must not take the whole run with it.
        let left = Mutex(false)
        Thread.detachNewThread {
            do {
                var member = try Consumer.open(properties: properties)
                try member.subscribe(to: [topic])
                try Self.wait(for: kind == "assigned" ? nil : 2, &member)
                guard kind == "revoked" else {
                    try member.close()
                    return left.withLock { $0 = true }
                }
                var second = try Consumer.open(properties: properties)
                try second.subscribe(to: [topic])
                try Self.wait(for: nil, &member) { _ = try second.poll(timeoutMilliseconds: 50) }
                try member.close()
                try second.close()
                left.withLock { $0 = true }
            } catch {
                Issue.record(error)
            }
        }
        try await lab.until("the member has left", within: .seconds(60)) { left.withLock { $0 } }
    }

    /// Polls until the group wants something; answers an assignment where `count` partitions are asked for.
    private static func wait(
        for count: Int?,
        _ member: inout Consumer,
        _ meanwhile: () throws -> Void = {}
    ) throws {
        let deadline = Deadline.after(.seconds(30))
        while !deadline.hasPassed {
            try meanwhile()
            _ = try member.poll(timeoutMilliseconds: 50)
            guard let rebalance = member.takeRebalance() else { continue }
            guard let count else { return }
            if case .assigned(let places) = rebalance {
                try member.assign(Dictionary(uniqueKeysWithValues: places.map { ($0, 0) }))
                if places.count == count { return }
            }
        }
        Issue.record("the group wanted nothing")
    }

    /// Polls until it is enough; each record must be the next one of its partition.
    private func read(
        _ consumer: inout Consumer,
        _ next: inout [Int32: Int64],
        until isEnough: ([Int32: Int64]) -> Bool
    ) throws {
        let deadline = Deadline.after(.seconds(30))
        while !isEnough(next) {
            try #require(!deadline.hasPassed, "records came up to \(next)")
            guard let message = try consumer.poll(timeoutMilliseconds: 100) else { continue }
            #expect(message.offset == next[message.partition])
            next[message.partition] = message.offset + 1
        }
    }
}
