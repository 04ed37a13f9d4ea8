import Foundation
import HTTPRequests
import Testing

/// Apicurio's registry, started for one test; it has Confluent's interface, too.
private struct Registry {
    let program: StartedProgram
    let url: String

    /// - Parameter home: the folder with the registry's runner.
    init(_ lab: Lab, home: String) async throws {
        let runner = try #require(
            FileManager.default.contentsOfDirectory(atPath: home).first { $0.hasSuffix("-runner.jar") }
        )
        let port = Int.random(in: 20_000..<30_000)
        url = "http://127.0.0.1:\(port)"
        var environment = lab.environment
        environment["QUARKUS_HTTP_HOST"] = "127.0.0.1"
        environment["QUARKUS_HTTP_PORT"] = String(port)
        program = try StartedProgram(
            "registry",
            "/usr/bin/env",
            ["java", "-Xmx256m", "-XX:+UseSerialGC", "-jar", "\(home)/\(runner)"],
            environment,
            log: try lab.folder + "/registry-\(port).log"
        )
        try await program.says("Listening on", within: .seconds(120))
    }

    /// What a source connector's keys and values are written with.
    func source(_ converter: String, _ more: [String: String]) -> [String: String] {
        var options = ["schema.name.adjustment.mode": "avro"]
        for part in ["key.converter", "value.converter"] {
            options[part] = "io.apicurio.registry.utils.converter.\(converter)"
            options["\(part).apicurio.registry.url"] = url + "/apis/registry/v2"
            options["\(part).apicurio.registry.auto-register"] = "true"
            options["\(part).apicurio.registry.find-latest"] = "true"
            for (name, value) in more { options["\(part).apicurio.registry.\(name)"] = value }
        }
        return options
    }

    func sink(_ converter: String, _ property: String, _ path: String) -> [String: String] {
        var options: [String: String] = [:]
        for part in ["key.converter", "value.converter"] {
            options[part] = converter
            options["\(part).\(property)"] = url + path
        }
        return options
    }
}

extension PipelineTests {
    private static let confluentAvro = "io.confluent.connect.avro.AvroConverter"
    private static let apicurio = "io.apicurio.registry.utils.converter."

    @Test func `Avro with a registry gives the same rows as JSON with schemas`() async throws {
        let homes = ["REGISTRY_HOME", "CONVERTERS_HOME", "DEBEZIUM_HOME"].map {
            ProcessInfo.processInfo.environment[$0]
        }
        guard let home = homes[0], homes.allSatisfy({ $0 != nil }) else {
            print(
                "SKIPPED: a registry; REGISTRY_HOME, CONVERTERS_HOME and DEBEZIUM_HOME say where its parts are"
            )
            return
        }
        let registry = try await Registry(lab, home: home)
        defer { registry.program.process.terminate() }
        let headers = "headers.enabled"
        let ownURL = ("apicurio.registry.url", "/apis/registry/v2")
        for (name, source, sink) in [
            (
                "formats_confluent",
                registry.source(
                    "AvroConverter",
                    ["as-confluent": "true", "use-id": "contentId", headers: "false"]
                ),
                registry.sink(Self.confluentAvro, "schema.registry.url", "/apis/ccompat/v7")
            ),
            (
                "formats_apicurio", registry.source("AvroConverter", [headers: "false"]),
                registry.sink(Self.apicurio + "AvroConverter", ownURL.0, ownURL.1)
            ),
            (
                "formats_headers", registry.source("AvroConverter", [headers: "true"]),
                registry.sink(Self.apicurio + "AvroConverter", ownURL.0, ownURL.1)
            ),
        ] {
            var fixture = Set<String>()
            let build = "select setting from pg_config() where name = 'CONFIGURE'"
            if try !lab.query("source", build).contains("--with-libxml") { fixture.insert("markup") }
            let mode = TypesMode(name: name, hasSchemas: true, options: source, sinkOptions: sink)
            try await expectSame(mode, TypesFixture(schema: name, without: fixture, unknown: false))
        }
    }

    @Test
    func `a registry that is away is waited for, and an id that it does not know is the record's error`()
        async throws
    {
        guard let home = ProcessInfo.processInfo.environment["REGISTRY_HOME"] else {
            print("SKIPPED: a registry; REGISTRY_HOME says where it is")
            return
        }
        let registry = try await Registry(lab, home: home)
        defer { registry.program.process.terminate() }
        let schema =
            #"{"type":"record","name":"R","fields":[{"name":"id","type":"int"},{"name":"v","type":["null","string"]}]}"#
        let body = try JSONSerialization.data(withJSONObject: ["schema": schema])
        let reply = try await HTTPClient(timeout: .seconds(10)).send(
            "POST",
            registry.url + "/apis/ccompat/v7/subjects/formats/versions",
            json: String(decoding: body, as: UTF8.self)
        )
        let answer = try JSONSerialization.jsonObject(with: Data(reply.body)) as? [String: Any]
        let id = UInt32(try #require(answer?["id"] as? Int))
        let own = try TopicSink(
            lab,
            "formats_away",
            tables: "create table formats_away (id int primary key, v text)",
            properties: [
                "key.converter": "org.apache.kafka.connect.storage.StringConverter",
                "value.converter": Self.confluentAvro,
                "value.converter.schema.registry.url": registry.url + "/apis/ccompat/v7",
                "primary.key.mode": "record_value", "primary.key.fields": "id", "insert.mode": "upsert",
                "delete.enabled": "false", "errors.tolerance": "all",
                "errors.deadletterqueue.topic.name": nil,
            ]
        )
        func framed(_ id: UInt32, _ data: [UInt8]) -> [UInt8] {
            [0] + withUnsafeBytes(of: id.bigEndian) { Array($0) } + data
        }
        // The registry stands still: it takes connections and says nothing.
        kill(registry.program.id, SIGSTOP)
        let sink = try own.start()
        defer { sink.process.terminate() }
        try own.produce(values: [framed(id, [2, 2, 2, 0x61]), framed(999_999, [2, 0]), framed(id, [4, 0])])
        try await sink.says("the schema registry is away", within: .seconds(60))
        #expect(try own.query("select count(*) from formats_away") == "0")
        kill(registry.program.id, SIGCONT)
        try await lab.until("both rows", within: .seconds(60)) {
            try own.query("select string_agg(id || coalesce(v, '-'), ' ' order by id) from formats_away")
                == "1a 2-"
        }
        try await sink.says("no schema id 999999")
        _ = try own.query("drop table formats_away")
    }
}
