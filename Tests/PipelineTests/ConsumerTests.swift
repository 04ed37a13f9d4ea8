import Foundation
import Shared
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
        // Some hundred more lie ready behind the first record that is read.
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
