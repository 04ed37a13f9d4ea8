import Cluster
import Foundation
import Testing

extension PipelineTests {
    /// Debezium's own sink begins, this one goes on, and the other one goes on after it.
    @Test func `a connector of Kafka Connect is taken over where it stands, and given back`() async throws {
        let homes = ["JDBC_SINK_HOME", "DEBEZIUM_HOME"].map { ProcessInfo.processInfo.environment[$0] }
        guard homes.allSatisfy({ $0 != nil }) else {
            print("SKIPPED: a JDBC sink; JDBC_SINK_HOME and DEBEZIUM_HOME say where its parts are")
            return
        }
        let json = "org.apache.kafka.connect.json.JsonConverter"
        // Each write of a row is counted.
        let own = try TopicSink(
            lab,
            "imported",
            tables: """
                create table imported (id int primary key, v int);
                create table imported_writes (id int);
                create function imported_count() returns trigger language plpgsql security definer
                  set search_path = public as 'begin insert into imported_writes values (new.id); return new; end';
                create trigger count after insert or update on imported for each row execute function imported_count();
                """,
            properties: [
                "primary.key.mode": "record_key", "primary.key.fields": "id", "insert.mode": "upsert",
                "errors.tolerance": nil, "errors.deadletterqueue.topic.name": nil,
                "key.converter": json, "value.converter": json, "key.converter.schemas.enable": "true",
                "value.converter.schemas.enable": "true", "schema.evolution": "none",
                "consumer.override.auto.offset.reset": "earliest",
            ]
        )
        // The worker has the brokers, and the group is the connector's own.
        let file = try own.file(["bootstrap.servers": nil, "consumer.override.group.id": nil])
        try lab.verb("register-source", file)
        let urls = try #require(lab.environment["HANDOVER_CONNECT_URLS"])
        let url = try #require(urls.split(separator: ",").first.map(String.init))
        let connect = ConnectClient(servers: [url], timeout: .seconds(20))
        func produce(_ ids: ClosedRange<Int>) throws {
            func record(_ fields: [String], _ payload: String) -> String {
                let types = fields.map { #"{"field":"\#($0)","type":"int32","optional":false}"# }
                let schema =
                    #"{"type":"struct","optional":false,"fields":[\#(types.joined(separator: ","))]}"#
                return #"{"schema":\#(schema),"payload":\#(payload)}"#
            }
            try own.produce(
                ids.map {
                    (record(["id"], #"{"id":\#($0)}"#), record(["id", "v"], #"{"id":\#($0),"v":\#($0)}"#))
                }
            )
        }
        func arrive(_ count: Int, _ what: String) async throws {
            try await lab.until("\(what) has written \(count) rows", within: .seconds(90)) {
                try own.query("select count(*) from imported") == "\(count)"
            }
            // Nothing twice.
            #expect(try own.query("select count(*) from imported_writes") == "\(count)")
        }
        try produce(1...100)
        try await arrive(100, "Debezium's sink")
        try await connect.stopFinally("imported")

        let imported = try lab.folder + "/imported/taken.json"
        let worker = try lab.folder + "/connect1/worker.properties"
        let taken = try own.run("import", url, "imported", "--into", imported, "--worker", worker)
        #expect(taken.code == 0, "\(taken)")
        #expect(taken.output.contains("goes on at offset 100\n"), "\(taken.output)")
        let sink = try own.start("run", file: imported, log: "taken")
        defer { sink.discard() }
        try await sink.says("offsets=imported[0]@100", within: .seconds(60))
        try produce(101...200)
        try await arrive(200, "the sink")
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(30)) == .exit(0), "\(sink.text)")

        try await connect.resume("imported")
        try produce(201...300)
        try await arrive(300, "Debezium's sink again")
        try lab.verb("delete-connector", "imported")
        try own.query("drop table imported, imported_writes; drop function imported_count")
    }
}

extension ConnectClient {
    /// Stops a connector, and waits until no task is left: then its offsets are final.
    fileprivate func stopFinally(_ name: String) async throws {
        try await stop(name)
        for _ in 0..<300 {
            let status = try await status(of: name)
            if status.connector.state == "STOPPED", status.tasks.isEmpty { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        Issue.record("\(name) is not stopped")
    }
}
