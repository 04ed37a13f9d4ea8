import Foundation
import Kafka
import Model
import Testing

/// Reading a log to its end, on brokers that are slow or stand still: silence is not the end.
extension PipelineTests {
    /// A broker holds the answers to a client back that has used up its quota, for up to ten seconds.
    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `a scan that a quota throttles reads everything, however long nothing comes`() throws {
        let place = TopicPartition(topic: "scan_quota", partition: 0)
        let count = 300
        try fill(place, count: count, byteCount: 10_000)
        let client = "scan-quota-\(getpid())"
        let classes = try #require(lab.environment["KAFKA_HOME"]) + "/libs/*"
        let order = [
            "java", "-cp", classes, "kafka.admin.ConfigCommand", "--bootstrap-server", try brokers(),
            "--alter", "--entity-type", "clients", "--entity-name", client,
            "--add-config", "consumer_byte_rate=150000",
        ]
        let answer = try Command.run("/usr/bin/env", order, environment: lab.environment, isQuiet: true)
        try #require(answer.code == 0, "\(answer.output)")

        var consumer = try reader(["client.id": client, "fetch.message.max.bytes": "1000000"])
        try consumer.assign([place: 0])
        var scan = LogScan([place: (0, Int64(count))], for: "test", by: .after(.seconds(90)))
        var (read, silence, last) = (0, UInt64(0), Moment.monotonicNow())
        while let message = try consumer.next(of: &scan) {
            #expect(message.offset == Int64(read))
            read += 1
            silence = max(silence, Moment.monotonicNow() - last)
            last = Moment.monotonicNow()
        }
        #expect(read == count)
        // Longer than the three seconds that once were taken for the end.
        #expect(silence > 3_000_000_000)
    }

    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `a scan fails and names the partition whose leader does not answer`() throws {
        let topic = "scan_away"
        let places = (0..<3).map { TopicPartition(topic: topic, partition: $0) }
        let brokers = try brokers()
        let producer = try Producer.open(properties: ["bootstrap.servers": brokers])
        try producer.createTopic(topic, partitionCount: 3, replicationFactor: 1, timeoutMilliseconds: 10_000)
        for place in places { try fill(place, count: 10, byteCount: 10) }
        let stretches = Dictionary(
            uniqueKeysWithValues: places.map { ($0, (begin: Int64(0), end: Int64(10))) }
        )
        var consumer = try reader([:])
        try lab.verb("pause", "kafka2")
        defer { _ = try? lab.verb("resume", "kafka2") }
        try consumer.assign(stretches.mapValues(\.begin))
        var scan = LogScan(stretches, for: "test", patience: .seconds(5))
        var failure = ""
        do throws(KafkaError) {
            while let message = try consumer.next(of: &scan) { #expect(message.offset < 10) }
        } catch {
            failure = error.message
        }
        #expect(places.count { scan.isComplete($0) } == 2)
        let open = try #require(places.first { !scan.isComplete($0) })
        #expect(failure.contains("\(open) stands at 0 of 10"), "\(failure)")
    }

    /// The last offsets hold an aborted record and two markers, and another transaction is open after them.
    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `a scan ends at the last decided transaction`() throws {
        let place = TopicPartition(topic: "scan_transactions", partition: 0)
        try fill(place, count: 1, byteCount: 10)
        try lab.kafka(
            """
            import os
            producer = Producer({"bootstrap.servers": brokers, "transactional.id": "scan-transactions"})
            producer.init_transactions()
            for is_good in (True, False, None):
                producer.begin_transaction()
                producer.produce(topic, partition=0, value="x")
                producer.flush()
                if is_good is not None:
                    producer.commit_transaction() if is_good else producer.abort_transaction()
            # Left open: the broker ends it a minute later.
            os._exit(0)
            """,
            topic: place.topic
        )
        var consumer = try reader([:])
        let (low, end) = try consumer.watermarks(of: place, timeoutMilliseconds: 10_000)
        #expect((low, end) == (0, 5))
        try consumer.assign([place: low])
        var scan = LogScan([place: (low, end)], endsMayBeLow: true, for: "test", patience: .seconds(5))
        var offsets: [Int64] = []
        while let message = try consumer.next(of: &scan) { offsets.append(message.offset) }
        #expect(offsets == [0, 1])
        #expect(scan.position(place) == 5)
    }

    private func brokers() throws -> String { try #require(lab.environment["HANDOVER_BOOTSTRAP"]) }

    private func reader(_ own: [String: String]) throws -> Consumer {
        let properties = [
            "bootstrap.servers": try brokers(), "group.id": "scan-test", "enable.auto.commit": "false",
            "enable.partition.eof": "true", "auto.offset.reset": "error",
        ]
        return try .open(properties: properties.merging(own) { $1 })
    }

    private func fill(_ place: TopicPartition, count: Int, byteCount: Int) throws {
        var producer = try Producer.open(properties: ["bootstrap.servers": try brokers()])
        try producer.createTopic(
            place.topic,
            partitionCount: place.partition + 1,
            replicationFactor: 1,
            timeoutMilliseconds: 10_000
        )
        let value = [UInt8](repeating: 0x78, count: byteCount)
        let records = (0..<count).map { _ in ProducerRecord(place: place, key: nil, value: value) }
        #expect(try producer.send(records).first == 0)
    }
}
