import Foundation
import Kafka
import Testing

/// A broker that is well, and that one client does not reach any more.
extension PipelineTests {
    /// A way to each broker, through which one sink goes; what is cut passes nothing and tells nobody.
    private struct Ways {
        private var proxies: [StartedProgram] = []

        init(_ lab: Lab) throws {
            let fronts = try Self.ports(lab.environment["HANDOVER_KAFKA_FRONTS"])
            let ways = try Self.ports(lab.environment["HANDOVER_KAFKA_WAYS"])
            for (number, (front, way)) in zip(fronts, ways).enumerated() {
                let path = try lab.folder + "/way\(number + 1)"
                let text = """
                    defaults
                        mode tcp
                        timeout connect 5s
                        timeout client 1h
                        timeout server 1h
                    listen way
                        bind 127.0.0.1:\(way)
                        server broker 127.0.0.1:\(front)

                    """
                try text.write(toFile: path + ".cfg", atomically: true, encoding: .utf8)
                proxies.append(
                    try StartedProgram(
                        "way \(number + 1)",
                        "/usr/sbin/haproxy",
                        ["-db", "-f", path + ".cfg"],
                        lab.environment,
                        log: path + ".log"
                    )
                )
            }
        }

        private static func ports(_ servers: String?) throws -> [String] {
            try #require(servers).split(separator: ",").compactMap { $0.split(separator: ":").last }
                .map(String.init)
        }

        func cut(_ broker: Int) { proxies[broker - 1].send(SIGSTOP) }

        func heal(_ broker: Int) { proxies[broker - 1].send(SIGCONT) }

        func discard() { for proxy in proxies { proxy.discard() } }
    }

    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `a sink that a broker is cut off from goes on with the others, and then with all`() async throws {
        let own = try cutSink("kafka_cut")
        defer { _ = try? own.query("drop table kafka_cut") }
        let ways = try Ways(lab)
        defer { ways.discard() }
        let sink = try own.start(["bootstrap.servers": lab.environment["HANDOVER_KAFKA_WAYS"]])
        defer { sink.discard() }
        let load = try lab.startKafka(
            """
            producer = Producer({"bootstrap.servers": brokers, "log_level": 0})
            end, i = time.monotonic() + 14, 0
            while time.monotonic() < end:
                producer.produce(topic, partition=i % 3, key='{"id": %d}' % i, value='{"id": %d, "v": 1}' % i)
                producer.poll(0.002)
                i += 1
            assert producer.flush(60) == 0
            print(i)
            """,
            topic: own.name,
            log: "kafka_cut"
        )
        defer { load.discard() }
        try await sink.until("records are applied", within: .seconds(20)) { try own.applied() > 200 }
        let coordinator = try coordinator(of: own)
        // One that only leads a partition: the others' records come.
        let leader = coordinator % 3 + 1
        ways.cut(leader)
        try await Task.sleep(for: .seconds(1))
        let before = try own.applied()
        try await sink.until("the other partitions go on", within: .seconds(10)) {
            try own.applied() > before + 100
        }
        ways.heal(leader)
        // And the one that counts the group's members, for longer than a session: this one is no member any more.
        ways.cut(coordinator)
        try await Task.sleep(for: .seconds(8))
        ways.heal(coordinator)
        #expect(try await load.ends(within: .seconds(60)) == .exit(0), "\(load.text)")
        let count = try #require(Int(load.text.trimmingCharacters(in: .whitespacesAndNewlines)))
        try await sink.until("all \(count) records are applied", within: .seconds(40)) {
            try own.applied() == count
        }
        let rows = "select count(*), count(distinct id) from kafka_cut"
        #expect(try own.query(rows) == "\(count)|\(count)")
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))
    }

    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `a sink that starts while a broker is cut off begins what the others lead, and the rest later`()
        async throws
    {
        let own = try cutSink("kafka_cut_start")
        defer { _ = try? own.query("drop table kafka_cut_start") }
        try produce(0..<300, own)
        let ways = try Ways(lab)
        defer { ways.discard() }
        let through = ["bootstrap.servers": lab.environment["HANDOVER_KAFKA_WAYS"]]
        let before = try own.start(through)
        defer { before.discard() }
        try await before.until("all is applied", within: .seconds(30)) { try own.applied() == 300 }
        let cut = try coordinator(of: own) % 3 + 1
        #expect(try await before.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))

        try produce(300..<600, own)
        ways.cut(cut)
        let sink = try own.start(through)
        defer { sink.discard() }
        try await sink.until("the other partitions are applied", within: .seconds(40)) {
            try own.applied() == 500
        }
        try await sink.says("the leaders of some partitions do not answer")
        // The group is divided anew while one partition waits, and again when its new owner leaves.
        let second = try own.start(through, log: "second")
        defer { second.discard() }
        try await second.says("partitions assigned")
        #expect(try await second.ends(by: SIGTERM, within: .seconds(30)) == .exit(0), "\(second.text)")
        #expect(try own.applied() == 500)
        ways.heal(cut)
        try await sink.until("the rest is applied", within: .seconds(40)) { try own.applied() == 600 }
        try produce(600..<630, own)
        try await sink.until("and what comes then", within: .seconds(20)) { try own.applied() == 630 }
        #expect(try own.query("select count(distinct id) from kafka_cut_start") == "630")
        // And one that ends while it still waits.
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))
        ways.cut(cut)
        let last = try own.start(through, log: "last")
        defer { last.discard() }
        try await last.says("the leaders of some partitions do not answer", within: .seconds(40))
        #expect(try await last.ends(by: SIGTERM, within: .seconds(30)) == .exit(0), "\(last.text)")
    }

    /// A sink of inserts from a topic of three partitions, of which each broker leads one.
    private func cutSink(_ name: String) throws -> TopicSink {
        let own = try TopicSink(
            lab,
            name,
            tables: "create table \(name) (id int, v int)",
            properties: [
                "insert.mode": "insert", "primary.key.mode": "none", "delete.enabled": "false",
                "consumer.override.group.id": "\(name)-group",
            ]
        )
        try lab.kafka(
            "remake(3, replica_assignment=[[1, 2, 3], [2, 3, 1], [3, 1, 2]])",
            topic: own.name
        )
        return own
    }

    private func produce(_ ids: Range<Int>, _ own: TopicSink) throws {
        try lab.kafka(
            """
            producer = Producer({"bootstrap.servers": brokers, "log_level": 0})
            for i in range(\(ids.lowerBound), \(ids.upperBound)):
                producer.produce(topic, partition=i % 3, key='{"id": %d}' % i, value='{"id": %d, "v": 1}' % i)
            assert producer.flush(60) == 0
            """,
            topic: own.name
        )
    }

    /// The broker that counts the members of the sink's group.
    private func coordinator(of own: TopicSink) throws -> Int {
        try #require(
            Int(
                try lab.kafka(
                    """
                    group = "\(own.name)-group"
                    print(admin.describe_consumer_groups([group])[group].result(20).coordinator.id)
                    """,
                    topic: own.name
                )
            )
        )
    }
}
