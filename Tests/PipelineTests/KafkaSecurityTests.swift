import Foundation
import Kafka
import Model
import Testing

/// Brokers that ask who somebody is: SCRAM, certificates, and rules that grant what docs/kafka.md lists.
extension PipelineTests {
    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `a sink has the rights of the manual, and each that is missing is named and loses nothing`()
        async throws
    {
        let own = try TopicSink(
            lab,
            "kafka_rights",
            tables: "create table kafka_rights (id int, v int)",
            properties: [
                "insert.mode": "insert", "primary.key.mode": "none", "delete.enabled": "false",
                "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "kafka_rights-dead",
                "consumer.override.group.id": "connect-kafka_rights",
            ]
        )
        defer { _ = try? own.query("drop table kafka_rights") }
        let names = [
            "TOPIC": own.name, "NAME": own.name, "DEADLETTERS": "kafka_rights-dead", "PREFIX": "kafka_rights",
        ]
        let rights = try KafkaRights(lab, of: "sink", names)
        try rights.grant()
        defer { try? rights.revoke() }
        let login = try lab.kafkaLogin(of: "sink")
        var count = 0
        func produceMore() throws {
            try own.produce([(#"{"id":1}"#, #"{"id":\#(count),"v":1}"#), ("{}", "damaged")])
            count += 2
        }
        func goOn() async throws {
            let sink = try own.start(login)
            defer { sink.discard() }
            let waiting = "select count(*) from handover.sink_dead_letters where sink = '\(own.sink)'"
            try await sink.until("all is applied, and dead letters are sent", within: .seconds(30)) {
                try #require(sink.end == nil, "\(sink.text.suffix(2_000))")
                return try own.applied() == count && own.query(waiting) == "0"
            }
            #expect(try await sink.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))
        }
        try produceMore()
        try await goOn()
        // What made the dead-letter topic is not needed any more; without the other the sink knows less, and goes on.
        let spared = ["--operation Create", "--operation DescribeConfigs"]
        let lines = rights.lines.filter { line in !spared.contains { line.contains($0) } }
        #expect(lines.count == rights.lines.count - spared.count)
        for line in rights.lines where !lines.contains(line) { try rights.revoke(line) }
        try produceMore()
        try await goOn()
        for line in lines {
            try rights.revoke(line)
            try produceMore()
            let words = line.contains("--group") ? "READ on its group" : "READ"
            let topic = line.contains("-dead") ? "on the dead-letter topic" : words
            try await own.stops(login, saying: "AUTHORIZATION_FAILED", words, topic)
            try rights.grant(line)
        }
        try await goOn()
        // A right that is taken away while it runs.
        let sink = try own.start(login)
        defer { sink.discard() }
        try await sink.says("partitions assigned")
        try rights.revoke(lines[0])
        #expect(try await sink.ends(within: .seconds(30)) == .exit(1))
        #expect(sink.text.contains("the sink needs READ"), "\(sink.text)")
        try rights.grant(lines[0])
        try produceMore()
        try await goOn()

        let good = count / 2
        #expect(try own.query("select count(*), count(distinct id) from kafka_rights") == "\(good)|\(good)")
        let letters = try lab.verb("consume", "kafka_rights-dead", "--end").split(separator: "\n")
        #expect(letters.filter { $0.contains("damaged") }.count == good, "\(letters)")
    }

    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `what brokers and sink do not agree on is named at once, without a secret`() async throws {
        let own = try TopicSink(
            lab,
            "kafka_door",
            tables: "create table kafka_door (id int primary key, v int)"
        )
        defer { _ = try? own.query("drop table kafka_door") }
        let rights = try KafkaRights(
            lab,
            of: "sink",
            ["TOPIC": own.name, "NAME": own.name, "DEADLETTERS": "none", "PREFIX": "none"]
        )
        try rights.grant()
        defer { try? rights.revoke() }
        let folder = try #require(lab.environment["HANDOVER_KAFKA_SECURITY"])
        var good = try lab.kafkaLogin(of: "sink")
        good["consumer.override.group.id"] = "connect-kafka_door"
        let login = try #require(good["consumer.override.sasl.jaas.config"] ?? nil)
        let servers = try #require(good["bootstrap.servers"] ?? nil)
        let certified: String = try #require(lab.environment["HANDOVER_KAFKA_MUTUAL"])
        let mutual: [String: String?] = [
            "bootstrap.servers": certified,
            "consumer.override.security.protocol": "SSL", "consumer.override.sasl.mechanism": nil,
            "consumer.override.sasl.jaas.config": nil,
        ]
        let secret = try #require(login.split(separator: "password=\"").last?.split(separator: "\"").first)
        let cases: [(name: String, changes: [String: String?], words: String)] = [
            (
                "password", ["consumer.override.sasl.jaas.config": login.replacing(secret, with: "gu3ssed")],
                "sasl.jaas.config"
            ),
            ("mechanism", ["consumer.override.sasl.mechanism": "SCRAM-SHA-256"], "sasl.mechanism"),
            (
                "authority", ["consumer.override.ssl.truststore.location": folder + "/other.pem"],
                "ssl.truststore.location"
            ),
            // The certificate names 127.0.0.1 only.
            (
                "host", ["bootstrap.servers": servers.replacing("127.0.0.1", with: "localhost")],
                "name the host"
            ),
            ("certificate", mutual, "ssl.keystore.location"),
            (
                "encryption", ["bootstrap.servers": lab.environment["HANDOVER_BOOTSTRAP"]],
                "security.protocol does not fit"
            ),
        ]
        var programs: [(program: StartedProgram, code: Int32, words: String)] = []
        defer { for each in programs { each.program.discard() } }
        for (name, changes, words) in cases {
            let file = try own.file(good.merging(changes) { $1 }, as: name)
            programs.append((try own.start("run", file: file, log: name), 1, words))
            // The same where somebody asks before anything runs.
            programs.append((try own.start("check", file: file, log: "\(name)-check"), 3, words))
        }
        for (program, code, words) in programs {
            #expect(try await program.ends(within: .seconds(30)) == .exit(code), "\(program.text)")
            #expect(program.text.contains(words), "\(words): \(program.text)")
            #expect(!program.text.contains(secret) && !program.text.contains("gu3ssed"))
        }

        // A client's certificate is a login of its own: the key store in the file itself.
        let both = try String(contentsOfFile: folder + "/sink.pem", encoding: .utf8)
        let parts = try #require(both.range(of: "-----BEGIN CERTIFICATE-----")).lowerBound
        let authority = try String(contentsOfFile: folder + "/ca.pem", encoding: .utf8)
        var inline = good.merging(mutual) { $1 }
        inline["consumer.override.ssl.truststore.location"] = .some(nil)
        inline["consumer.override.ssl.truststore.certificates"] = authority
        inline["consumer.override.ssl.keystore.type"] = "PEM"
        inline["consumer.override.ssl.keystore.key"] = String(both[..<parts])
        inline["consumer.override.ssl.keystore.certificate.chain"] = String(both[parts...])
        try own.produce([(#"{"id":1}"#, #"{"id":1,"v":1}"#)])
        try await own.apply(1, inline)
        #expect(try own.query("select v from kafka_door where id = 1") == "1")
    }

    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `a whole pipeline runs with logins and the rights of the manual`() async throws {
        let side = try SidePipeline(lab, "kafka_guarded")
        defer { side.remove() }
        let names = [
            "TOPIC": side.topic, "NAME": side.sink, "DEADLETTERS": "none", "PREFIX": "kafka_guarded",
        ]
        let users = ["sink", "reader", "guard", "debezium"]
        let rights = try users.map { try KafkaRights(lab, of: $0, names) }
        for each in rights { try each.grant() }
        defer { for each in rights { try? each.revoke() } }
        try await side.register(try lab.connectorLogin(of: "debezium"))
        let file = try side.sinkFile(group: nil, changing: try lab.kafkaLogin(of: "sink"))
        let sink = try side.start("sink", "run", file)
        defer { sink.discard() }
        try await sink.until("the snapshot is there", within: .seconds(40)) {
            try side.query("destination", "select count(*) from debezium_table") == "1000"
        }
        var environment = side.environment
        environment["HANDOVER_BOOTSTRAP"] = lab.environment["HANDOVER_KAFKA_LOGIN"]
        environment["HANDOVER_KAFKA_PROPERTIES"] = try lab.kafkaFile(of: "reader")
        let watch = try side.start("reader", ["watch", "--sink", side.sink], environment, log: "watch")
        defer { watch.discard() }
        #expect(try side.run("writer", "run", "--rate", "200", "--duration", "3s").code == 0)
        let verify = try side.start("reader", ["verify", "--sink", side.sink], environment, log: "verify")
        defer { verify.discard() }
        #expect(try await verify.ends(within: .seconds(60)) == .exit(0), "\(verify.text)")
        #expect(verify.text.contains("PASS"), "\(verify.text)")
        #expect(watch.text.contains("OK"), "\(watch.text)")
        #expect(!watch.text.contains("AUTHORIZATION_FAILED"), "\(watch.text)")

        // What the guard asks at a fork: which topics its connector has, and where they end.
        var properties = try ClientFile(path: lab.kafkaFile(of: "guard")).properties
        properties["bootstrap.servers"] = lab.environment["HANDOVER_KAFKA_LOGIN"]
        properties["group.id"] = "handover-guard"
        let guardian = try Consumer.open(properties: properties)
        let topics = try guardian.topics(timeoutMilliseconds: 10_000)
        #expect(topics.contains(side.topic))
        let places = try guardian.partitions(of: side.topic, timeoutMilliseconds: 10_000)
        let ends = try PartitionEnds.find(places, properties: properties, deadline: .after(.seconds(20)))
        #expect(ends.values.reduce(0, +) >= 1_000)

        // Who may not read says so, and what is missing.
        try rights[1].revoke()
        let refused = try side.start("reader", ["verify", "--sink", side.sink], environment, log: "refused")
        defer { refused.discard() }
        #expect(try await refused.ends(within: .seconds(60)) != .exit(0))
        #expect(refused.text.contains("the reader needs"), "\(refused.text)")
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))
    }
}
