import Foundation
import Shared
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
        let file = try own.file()
        let connect = try Connect(lab)
        try await connect.register("imported", try Data(contentsOf: URL(filePath: file)))
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
        try await connect.stop("imported")

        let imported = try lab.folder + "/imported/taken.json"
        let worker = try lab.folder + "/connect1/worker.properties"
        let taken = try own.run("import", connect.url, "imported", "--into", imported, "--worker", worker)
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
        try await connect.delete("imported")
        try own.query("drop table imported, imported_writes; drop function imported_count")
    }
}

/// The lab's Kafka Connect, ordered about by its own REST interface.
private struct Connect {
    let url: String
    private let client: ConnectClient
    private let http = RESTClient(timeout: .seconds(20))

    init(_ lab: Lab) throws {
        let urls = try #require(lab.environment["HANDOVER_CONNECT_URLS"])
        url = try #require(urls.split(separator: ",").first.map(String.init))
        client = ConnectClient(servers: [url], timeout: .seconds(20))
    }

    /// Starts a connector from the file of a sink, without what only a file has.
    func register(_ name: String, _ file: Data) async throws {
        let document = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
        var config = try #require(document["config"] as? [String: Any])
        for property in ["bootstrap.servers", "consumer.override.group.id"] { config[property] = nil }
        let body = try JSONSerialization.data(withJSONObject: config)
        let text = String(decoding: body, as: UTF8.self)
        let (status, answer) = try await http.send("PUT", "\(url)/connectors/\(name)/config", json: text)
        try #require(status < 300, "\(answer)")
    }

    func stop(_ name: String) async throws {
        try await client.stop(name)
        // Offsets are final once no task is left.
        for _ in 0..<300 {
            let status = try await client.status(of: name)
            if status.connector.state == "STOPPED", status.tasks.isEmpty { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        Issue.record("\(name) is not stopped")
    }

    func resume(_ name: String) async throws { try await client.resume(name) }

    func delete(_ name: String) async throws {
        _ = try await http.send("DELETE", "\(url)/connectors/\(name)")
    }
}
