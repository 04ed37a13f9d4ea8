import Foundation
import Kafka
import Model
import Testing

extension PipelineTests {
    /// Good and bad records in one topic, a sink that is killed again and again, once with the broker stopped in
    /// the middle of sending dead letters.
    @Test
    func `each bad record is a dead letter once and each good one a row, however often the sink is killed`()
        async throws
    {
        let table =
            "create table errors (id int primary key, v bigint not null check (v <> 13), note varchar(9))"
        try lab.verb("psql", "destination", "-qc", table)
        let records = ErrorsRecord.all
        try produce(records)
        try await expectStopBetweenSendingAndDeleting()
        var sink = try lab.start("sink", "run", try errorsFile(1))
        defer { if sink.isRunning { kill(sink.processIdentifier, SIGKILL) } }
        for (round, share) in [10, 40, 70].enumerated() {
            try await lab.until("\(share) % of the records", within: .seconds(60)) {
                try applied() >= records.count * share / 100
            }
            if round == 1 {
                try lab.verb("pause", "broker")
                // What was fetched before is applied now, and its dead letters wait for the broker.
                try await Task.sleep(for: .seconds(1))
            }
            kill(sink.processIdentifier, SIGKILL)
            sink.end()
            if round == 1 { try lab.verb("resume", "broker") }
            // A group of its own need not wait for the dead member's session to end.
            sink = try lab.start("sink", "run", try errorsFile(round + 2))
        }
        try await lab.until("all records", within: .seconds(60)) { try applied() == records.count }
        try await lab.until("all dead letters", within: .seconds(30)) {
            try lab.query("destination", "select count(*) from handover.sink_dead_letters") == "0"
        }
        let good = records.filter { $0.stage == nil }
        let rows = "select count(*), sum(id), sum(v) from errors"
        let ids = good.reduce(0) { $0 + $1.number }
        #expect(try lab.query("destination", rows) == "\(good.count)|\(ids)|\(ids * 2)")
        try expectDeadLetters(records.filter { $0.stage != nil })
        sink.terminate()
        sink.end()
        #expect(sink.terminationStatus == 0)
    }

    /// Dead letters that were sent, and of which the destination does not know it: the next sink must find them.
    private func expectStopBetweenSendingAndDeleting() async throws {
        let rights = "delete on handover.sink_dead_letters"
        try lab.verb("psql", "destination", "-qc", "revoke \(rights) from handover_sink")
        let sink = try lab.start("sink", "run", try errorsFile(0))
        defer { sink.terminate() }
        try await lab.until("the sink stops", within: .seconds(30)) { !sink.isRunning }
        #expect(sink.terminationStatus == 1)
        #expect(try lab.query("destination", "select count(*) > 0 from handover.sink_dead_letters") == "t")
        try lab.verb("psql", "destination", "-qc", "grant \(rights) to handover_sink")
    }

    private static let topic = "errors"

    private func applied() throws -> Int {
        let query =
            "select coalesce(sum(next_offset), 0) from handover.sink_progress where sink = 'errors-sink'"
        // The table is made by the first sink.
        let there = "select to_regclass('handover.sink_progress') is not null"
        guard try lab.query("destination", there) == "t" else { return 0 }
        return Int(try lab.query("destination", query)) ?? 0
    }

    private func produce(_ records: [ErrorsRecord]) throws {
        var producer = try Producer.open(properties: ["bootstrap.servers": try brokers()])
        try producer.createTopic(
            Self.topic,
            partitionCount: 2,
            replicationFactor: 1,
            timeoutMilliseconds: 10_000
        )
        let offsets = try producer.send(
            records.map { record in
                ProducerRecord(
                    place: TopicPartition(topic: Self.topic, partition: record.partition),
                    key: record.key.map { Array($0.utf8) },
                    value: Array(record.value.utf8),
                    headers: [RecordHeader("origin", Array("test".utf8)), RecordHeader("empty", nil)]
                )
            }
        )
        #expect(offsets == records.map(\.offset))
    }

    private func brokers() throws -> String {
        try #require(lab.environment["HANDOVER_BOOTSTRAP"])
    }

    /// Reads the whole dead-letter topic and compares it with what must be there.
    private func expectDeadLetters(_ bad: [ErrorsRecord]) throws {
        let place = TopicPartition(topic: "errors.dead", partition: 0)
        var consumer = try Consumer.open(properties: [
            "bootstrap.servers": try brokers(), "group.id": "errors-test", "enable.partition.eof": "true",
        ])
        try consumer.assign([place: 0])
        var found: [String: Int] = [:]
        let deadline = Deadline.after(.seconds(20))
        while consumer.takeReachedEnds()[place] == nil {
            try #require(!deadline.hasPassed, "the dead-letter topic has an end")
            guard let message = try consumer.poll(timeoutMilliseconds: 100) else { continue }
            var lines = [
                message.withKey { $0?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } } ?? "-",
                message.withValue { $0?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } } ?? "-",
            ]
            for header in message.headers where !header.name.hasPrefix("__connect.errors.exception") {
                let value = header.value.map { String(decoding: $0, as: UTF8.self) } ?? "null"
                lines.append(header.name + "=" + value)
            }
            let reason = message.headers.first { $0.name == "__connect.errors.exception.message" }?.value
            #expect(reason?.isEmpty == false)
            found[lines.joined(separator: "\n"), default: 0] += 1
        }
        let expected = bad.map { record in
            [
                record.key ?? "-", record.value, "origin=test", "empty=null", "__connect.errors.topic=errors",
                "__connect.errors.partition=\(record.partition)", "__connect.errors.offset=\(record.offset)",
                "__connect.errors.connector.name=errors-sink", "__connect.errors.task.id=0",
                "__connect.errors.stage=\(record.stage ?? "")",
                "__connect.errors.class.name=\(record.isRefusedByServer ? "Sink.BatchTransaction" : "Sink.RecordDecoder")",
            ].joined(separator: "\n")
        }
        #expect(found.values.allSatisfy { $0 == 1 }, "no dead letter twice")
        #expect(Set(found.keys) == Set(expected))
    }

    /// The lab's sink configuration, for records that are inserted: one applied twice would be a dead letter.
    private func errorsFile(_ group: Int) throws -> String {
        let document = try lab.sinkDocument("errors-sink") { config in
            for (property, value) in [
                "topics": Self.topic, "collection.name.format": "errors", "insert.mode": "insert",
                "primary.key.fields": "id", "batch.size": "100", "errors.tolerance": "all",
                "errors.deadletterqueue.topic.name": "errors.dead",
                "errors.deadletterqueue.topic.replication.factor": "1",
                "errors.deadletterqueue.context.headers.enable": "true",
                "consumer.override.group.id": "errors-\(group)",
            ] {
                config[property] = value
            }
        }
        return try lab.privateFile(try lab.folder + "/errors-sink.json", document)
    }
}

/// One record of the test: two partitions, 4 % bad ones of all kinds, and a run of them.
private struct ErrorsRecord {
    let number: Int
    let partition: Int32
    let offset: Int64
    var key: String?
    var value: String
    /// Where it fails, in Connect's words; `nil` for a good one.
    var stage: String?
    var isRefusedByServer = false

    static let all: [ErrorsRecord] = (0..<4_000).map { ErrorsRecord($0) }

    private init(_ number: Int) {
        self.number = number
        partition = Int32(number % 2)
        offset = Int64(number / 2)
        key = #"{"id":\#(number)}"#
        value = #"{"id":\#(number),"v":\#(number * 2),"note":"n"}"#
        // A run of records that the server refuses, besides the scattered ones.
        let kind = (1_600..<1_640).contains(number) ? 3 : number % 25 == 7 ? number / 25 % 7 : -1
        if kind >= 0 { stage = "TASK_PUT" }
        switch kind {
        case 0: (value, stage) = (#"{"id":\#(number),"v":"#, "VALUE_CONVERTER")
        case 1: key = nil
        case 2: value = #"{"id":\#(number),"v":"many"}"#
        case 3: (value, isRefusedByServer) = (#"{"id":\#(number),"v":13}"#, true)
        case 4: value = #"{"id":\#(number),"v":1,"note":"\u0000"}"#
        case 5: (value, isRefusedByServer) = (#"{"id":\#(number),"v":null}"#, true)
        case 6: (key, stage) = (#"{"id":\#(number)"#, "KEY_CONVERTER")
        default: break
        }
    }
}
