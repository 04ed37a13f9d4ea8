import Foundation
import Shared
import Testing

@testable import Sink

/// What works; each test changes it.
private let good = [
    "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector", "bootstrap.servers": "b:9092",
    "topics": "t",
    "connection.url": "jdbc:postgresql://h/d", "connection.username": "u", "connection.password": "s3cret",
    "insert.mode": "upsert", "primary.key.mode": "record_key",
]

/// The configuration of a file with this text.
private func read(
    _ text: String,
    as kind: String = "json",
    environment: [String: String] = [:]
) throws -> SinkConfiguration {
    let path = NSTemporaryDirectory() + "sink-\(UUID().uuidString).\(kind)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try SinkConfiguration(
        try ConnectorFile(path: path),
        secrets: SecretSource(environment: environment)
    )
}

private func read(
    _ changes: [String: String?],
    environment: [String: String] = [:]
) throws -> SinkConfiguration {
    var properties = good
    for (property, value) in changes { properties[property] = value }
    let data = try JSONSerialization.data(withJSONObject: ["name": "s", "config": properties])
    return try read(String(decoding: data, as: UTF8.self), environment: environment)
}

/// All problems of the changed configuration, one a line.
private func problems(_ changes: [String: String?], environment: [String: String] = [:]) -> [String] {
    do {
        _ = try read(changes, environment: environment)
        return []
    } catch let error as ConfigurationError {
        return error.problems.map(\.description)
    } catch {
        return ["\(error)"]
    }
}

struct ConfigurationProblemTests {
    @Test func `each problem names property, value as given and what is allowed`() {
        let found = problems([
            "insert.mod": "upsert", "batch.size": "0", "topics.regex": "a.*", "topics": nil,
            "errors.deadletterqueue.topic.name": "dlq", "quote.sql.identifiers": "ALWAYS",
            "transforms": "route",
            "transforms.route.type": "org.apache.kafka.connect.transforms.RegexRouter",
            "connection.username": "${env:WHO}",
            "connection.url": "jdbc:postgresql://h:0/d?sslmode=on&readOnly=true",
            "consumer.override.auto.offset.reset": "latest", "max.retries": "3",
        ])
        #expect(
            found == [
                "batch.size = \"0\": must be a number from 1 to 100000",
                "connection.url: a port must be a number from 1 to 65535",
                "connection.url: parameter readOnly must be false: a sink writes",
                "connection.url: parameter sslmode must be one of disable, allow, prefer, require, verify-ca, "
                    + "verify-full",
                "connection.username = \"${env:WHO}\": the environment variable WHO is not set",
                "consumer.override.auto.offset.reset = \"latest\": cannot be overridden: the sink's guarantee "
                    + "depends on it",
                "errors.deadletterqueue.topic.name = \"dlq\": is not supported by this version: this version stops "
                    + "at a record that it cannot apply",
                "errors.deadletterqueue.topic.name = \"dlq\": needs errors.tolerance = all to receive anything",
                "insert.mod: is not a property of this sink; did you mean insert.mode?",
                "quote.sql.identifiers = \"ALWAYS\": is not supported by this version but as never: this version "
                    + "reads names as unquoted ones, in lower case",
                "topics: is missing: names of topics, separated by commas",
                "topics.regex = \"a.*\": is not supported by this version: this version takes names; list them in "
                    + "topics",
                "transforms = \"route\": is not supported by this version: this version applies records as they "
                    + "are in the topic",
                "transforms.route.type = \"org.apache.kafka.connect.transforms.RegexRouter\": is not supported by "
                    + "this version: this version applies records as they are in the topic",
            ]
        )
    }

    @Test(
        arguments: [
            (
                ["delete.enabled": "true", "primary.key.mode": nil], "delete.enabled = \"true\"",
                "with none a delete has no key"
            ),
            (
                ["delete.enabled": "true", "primary.key.mode": nil, "pk.mode": "kafka"],
                "delete.enabled = \"true\"", "with kafka a delete has no key"
            ),
            (
                ["insert.mode": "update", "primary.key.mode": "none"], "insert.mode = \"update\"",
                "change them all"
            ),
            (["primary.key.mode": "none"], "insert.mode = \"upsert\"", "needs a primary.key.mode"),
            (["insert.mode": "upsrt"], "insert.mode = \"upsrt\"", "must be"),
            (
                ["field.include.list": "a", "field.exclude.list": "b"], "field.exclude.list = \"b\"",
                "only one of them"
            ),
            (["topics.regex": "a"], "topics.regex = \"a\"", "only one of them"),
            (
                ["errors.deadletterqueue.topic.name": "q"], "errors.deadletterqueue.topic.name",
                "errors.tolerance"
            ),
        ] as [([String: String?], String, String)]
    )
    func `a trap of the peers is refused`(changes: [String: String?], property: String, reason: String) {
        #expect(problems(changes).contains { $0.hasPrefix(property) && $0.contains(reason) })
    }

    @Test(
        arguments: [
            ("insert.mod", "insert.mode"), ("pk.fileds", "pk.fields"), ("conection.url", "connection.url"),
            ("delete.enable", "delete.enabled"), ("Topics", "topics"), ("task.max", "tasks.max"),
            ("value.convertor", "value.converter"), ("completely.else", nil), ("x", nil),
        ] as [(String, String?)]
    )
    func `a misspelled name is answered with the nearest`(name: String, nearest: String?) {
        #expect(PropertyCatalog.suggestion(for: name) == nearest)
        #expect(problems([name: "v4lue"]).contains { $0.hasPrefix("\(name): is not a property") })
        #expect(!problems([name: "v4lue"]).joined().contains("v4lue"))
    }

    @Test func `a property has one entry in the catalog`() {
        let names = PropertyCatalog.all.flatMap(\.names)
        #expect(Set(names).count == names.count)
    }

    @Test func `the reference in docs names each of them`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        let text = try String(contentsOf: root.appending(path: "docs/sink.md"), encoding: .utf8)
        let named = Set(text.split(separator: "`").map(String.init))
        for name in PropertyCatalog.all.flatMap(\.names) {
            // Converters of key and value share a line.
            let shared = name.replacing("key.converter.", with: "….converter.")
                .replacing("value.converter.", with: "….converter.")
            #expect(named.contains(name) || named.contains(shared), "\(name)")
        }
    }

    @Test func `what the catalog calls supported is read`() {
        for property in PropertyCatalog.all {
            guard case .supported = property.support else { continue }
            for name in property.names where name != "name" && !name.hasSuffix("*") {
                #expect(
                    !problems([name: "v"]).contains { $0.hasPrefix("\(name): is not a property") },
                    "\(name)"
                )
            }
        }
    }

    @Test func `a property without effect is noted with the reason`() throws {
        let notes = try read([
            "connection.pool.max_size": "3", "hibernate.agroal.x": "y", "errors.log.enable": "true",
            "consumer.override.max.poll.records": "9", "topics.to.tables.mapping": "",
            "connection.url": "jdbc:postgresql://h/d?reWriteBatchedInserts=true",
        ]).notes
        #expect(
            notes.map(\.property) == [
                "connection.pool.max_size", "connection.url parameter reWriteBatchedInserts",
                "consumer.override.max.poll.records", "errors.log.enable", "hibernate.agroal.x",
            ]
        )
    }

    @Test func `a secret is used and never shown`() throws {
        let environment = ["PW": "hush-hush", "ROWS": "many-hush"]
        let works = try read(["connection.password": "${env:PW}"], environment: environment)
        #expect(works.destination["password"] == "hush-hush")
        let found = problems(
            [
                "connection.password": "${env:PW}", "batch.size": "${env:ROWS}",
                "connection.user": "${env:PW}",
                "connection.url": "jdbc:postgresql://h/d?password=hush-hush&ssl=hush-hush",
                "consumer.override.sasl.jaas.config": "hush-hush",
            ],
            environment: environment
        )
        #expect(found.contains { $0.hasPrefix("batch.size = \"${env:ROWS}\"") })
        #expect(found.contains { $0.contains("contradicts connection.user = \"${env:PW}\"") })
        #expect(!found.joined().contains("hush-hush") && !found.joined().contains("many-hush"))
    }

    @Test func `a placeholder without a value is one problem`() {
        #expect(
            problems(["connection.username": nil, "connection.user": "${env:U}"]) == [
                "connection.user = \"${env:U}\": the environment variable U is not set"
            ]
        )
        #expect(
            problems(["connection.password": "a${env:U}"]) == [
                "connection.password: the environment variable U is not set"
            ]
        )
    }
}

struct UnwrappingTests {
    private func found(_ options: [String: String], deletes: Bool = true) -> [String] {
        var changes: [String: String?] = [
            "transforms": "u", "transforms.u.type": PropertyReader.unwrapping, "delete.enabled": "\(deletes)",
        ]
        for (option, value) in options { changes["transforms.u.\(option)"] = value }
        return problems(changes)
    }

    @Test(
        arguments: [
            ["drop.tombstones": "false"], ["delete.handling.mode": "none"],
            ["delete.handling.mode": "drop", "drop.tombstones": "false"],
            ["delete.tombstone.handling.mode": "tombstone"],
            ["delete.tombstone.handling.mode": "delete-to-tombstone", "replace.null.with.default": "false"],
        ]
    )
    func `an unwrapping that lets deletes through is what the sink does anyway`(options: [String: String]) {
        #expect(found(options).isEmpty)
        #expect(found(options, deletes: false).isEmpty)
    }

    @Test(
        arguments: [
            ([:], "transforms.u.delete.tombstone.handling.mode: is missing"),
            (["drop.tombstones": "true"], "delete.enabled = \"true\": contradicts"),
            (["delete.tombstone.handling.mode": "drop"], "delete.enabled = \"true\": contradicts"),
        ] as [([String: String], String)]
    )
    func `one that drops deletes contradicts delete enabled`(options: [String: String], problem: String) {
        #expect(found(options).map { $0.hasPrefix(problem) } == [true])
        #expect(found(options, deletes: false).isEmpty)
    }

    @Test(
        arguments: [
            ("delete.handling.mode", "rewrite"), ("delete.tombstone.handling.mode", "rewrite"),
            ("delete.tombstone.handling.mode", "x"), ("add.fields", "op"), ("route.by.field", "f"),
            ("drop.tombstones", "maybe"), ("predicate", "p"), ("replace.null.with.default", "true"),
        ]
    )
    func `an option that changes records is refused by name`(option: String, value: String) {
        let start = "transforms.u.\(option) = \"\(value)\": "
        #expect(found([option: value], deletes: false).map { $0.hasPrefix(start) } == [true])
    }

    @Test func `another transform beside it is refused`() {
        let found = problems([
            "transforms": "u,route", "transforms.u.type": PropertyReader.unwrapping,
            "transforms.route.type": "r",
        ])
        #expect(found.contains { $0.hasPrefix("transforms = \"u,route\"") })
    }
}

struct ConnectorFileTests {
    private let flat = """
        {"name": "s", "connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector", "bootstrap.servers": "b:1",
         "topics": "t", "connection.url": "jdbc:postgresql://h/d?user=u", "insert.mode": "upsert",
         "pk.mode": "record_key", "batch.size": 7}
        """

    @Test func `a flat object and a properties file are understood`() throws {
        #expect(try read(flat).batchSize == 7)
        let text = """
            # as connect-standalone takes it
            name=s
            connector.class=io.confluent.connect.jdbc.JdbcSinkConnector
            bootstrap.servers: b:1
            topics=a,\\
                b
            connection.url=jdbc:postgresql://h/d?user=u&password=p
            insert.mode upsert
            pk.mode=record_key
            """
        for kind in ["properties", "txt"] {
            let configuration = try read(text, as: kind)
            #expect(configuration.name == "s")
            #expect(configuration.topics == ["a", "b"])
            #expect(configuration.bootstrapServers == "b:1")
        }
    }

    @Test(
        arguments: [
            ("{", "json", "file"), ("[]", "json", "file"), ("{\"name\": \"s\"}", "json", "config"),
            ("{\"name\": \"s\", \"config\": 1}", "json", "config"),
            ("{\"name\": \"s\", \"config\": {\"a\": [1]}}", "json", "a"),
            ("{\"name\": \"s\", \"topics\": \"t\", \"config\": {\"a\": 1}}", "json", "topics"),
            ("{\"name\": \"s\", \"config\": {\"name\": \"r\"}}", "json", "name"),
            (
                "{\"name\": \"s\", \"initial_state\": \"PAUSED\", \"config\": {\"a\": 1}}", "json",
                "initial_state"
            ),
            ("{\"name\": \"${env:N}\", \"config\": {\"a\": 1}}", "json", "name"),
            ("topics=t", "properties", "name"), ("name=s\nname=t", "properties", "file"), ("", "txt", "name"),
        ]
    )
    func `a file that is not a connector's is refused by what is wrong`(
        text: String,
        kind: String,
        property: String
    ) {
        let error = #expect(throws: ConfigurationError.self) { try read(text, as: kind) }
        #expect(error?.problems.contains { $0.property == property } == true)
    }

    @Test func `the answer of GET connectors is understood`() throws {
        let text = "{\"name\": \"s\", \"config\": \(flat), \"tasks\": [{\"task\": 0}], \"type\": \"sink\"}"
        #expect(try read(text).name == "s")
    }
}
