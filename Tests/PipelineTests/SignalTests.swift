import Foundation
import Testing

extension PipelineTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func `a sink ends in order before there is a topic, while it is paused, and in the middle of load`(
        _ signal: Int32
    ) async throws {
        let side = try SidePipeline(lab, "signals_\(signal)")
        defer { side.remove() }
        let (early, _) = try await side.startSink([], log: "early")
        defer { early.discard() }
        try await early.says("waiting for topics")
        #expect(try await early.ends(by: signal, within: .seconds(20)) == .exit(0), "\(early.text)")
        #expect(early.text.contains(signal == SIGTERM ? "asked to end by SIGTERM" : "asked to end by SIGINT"))

        try await side.register()
        let writer = try side.start("writer", "run", "--rate", "300")
        defer { writer.discard() }
        let (loaded, port) = try await side.startSink([], log: "loaded")
        defer { loaded.discard() }
        try await lab.until("the sink applies", within: .seconds(40)) { try side.progress() > 1_000 }
        let taken = try side.start(
            "sink",
            ["run", side.sinkFile, "--listen", "127.0.0.1:\(port)"],
            side.environment,
            log: "taken"
        )
        defer { taken.discard() }
        #expect(try await taken.ends(within: .seconds(20)) == .exit(1), "\(taken.text)")
        #expect(taken.text.contains("cannot listen on 127.0.0.1:\(port)"), "\(taken.text)")

        #expect(try await loaded.ends(by: signal, within: .seconds(20)) == .exit(0), "\(loaded.text)")
        // What is committed is what it counted, and every row of it is there.
        let progress = try side.progress()
        #expect(
            loaded.text.contains("applied \(progress) events in "),
            "\(progress): \(loaded.text)"
        )

        let (paused, pausedPort) = try await side.startSink([], log: "paused")
        defer { paused.discard() }
        try await paused.says("partitions assigned")
        let url = ["--url", "http://127.0.0.1:\(pausedPort)"]
        #expect(try await side.ask("pause", url).end == .exit(0))
        #expect(try await paused.ends(by: signal, within: .seconds(20)) == .exit(0), "\(paused.text)")

        // The writer drains: it acknowledges what its history says, and settles the rest.
        #expect(try await writer.ends(by: signal, within: .seconds(30)) == .exit(0), "\(writer.text)")
        let (last, _) = try await side.startSink([], log: "last")
        defer { last.discard() }
        try await last.says("partitions assigned")
        let verdict = try side.run("reader", "verify", "--sink", side.sink)
        #expect(verdict.firstLine.hasPrefix("PASS"), "\(verdict.output)")
        #expect(try await last.ends(by: signal, within: .seconds(20)) == .exit(0), "\(last.text)")
    }

    @Test func `a sink that waits for its destination ends in order, and a second signal ends it at once`()
        async throws
    {
        let side = try SidePipeline(lab, "signals_twice")
        defer { side.remove() }
        try await side.register()
        let (first, _) = try await side.startSink([], log: "first")
        defer { first.discard() }
        try await lab.until("the snapshot is applied", within: .seconds(40)) {
            try side.query("destination", "select count(*) from debezium_table") == "1000"
        }
        // It holds a batch that the destination does not take.
        let lock = try side.lock("destination")
        defer { lock.discard() }
        #expect(try side.run("writer", "run", "--rate", "100", "--duration", "1s").code == 0)
        try await lab.until("the sink waits for the lock", within: .seconds(20)) {
            let waits =
                "select count(*) from pg_stat_activity where datname = '\(side.name)' "
                + "and wait_event_type = 'Lock' and application_name like 'handover-sink%'"
            return try side.query("destination", waits) != "0"
        }
        try await expectSecondSignal(first)
        lock.discard()

        try lab.verb("stop", "destination")
        defer { _ = try? lab.verb("start", "destination") }
        for signal in [SIGTERM, SIGINT] {
            let (waiting, _) = try await side.startSink([], log: "waiting")
            defer { waiting.discard() }
            try await waiting.says("the destination is away")
            #expect(try await waiting.ends(by: signal, within: .seconds(20)) == .exit(0), "\(waiting.text)")
        }
    }

    /// Expects a program that cannot end in order now to end at once by a second signal.
    private func expectSecondSignal(_ program: StartedProgram) async throws {
        program.send(SIGTERM)
        try await program.says("asked to end by SIGTERM")
        #expect(program.end == nil)
        #expect(try await program.ends(by: SIGINT, within: .seconds(2)) == .signal(SIGINT), "\(program.text)")
    }

    @Test func `a writer ends in order without a leader, and a second signal ends it at once`() async throws {
        let side = try SidePipeline(lab, "signals_writer")
        defer { side.remove() }
        // One where nobody listens, and one that leads to standbys.
        let replica = try #require(lab.environment["HANDOVER_REPLICA_URL"])
        for source in ["postgresql://postgres@127.0.0.1:1/x", replica] {
            for signal in [SIGTERM, SIGINT] {
                let writer = try side.start("writer", "run", "--source", source)
                defer { writer.discard() }
                try await writer.says("waiting for a server that accepts writes")
                #expect(try await writer.ends(by: signal, within: .seconds(10)) == .exit(0), "\(writer.text)")
            }
        }
        let port = try guardPort()
        let taken = try side.start("writer", "run", "--metrics", "127.0.0.1:\(port)")
        defer { taken.discard() }
        #expect(try await taken.ends(within: .seconds(10)) == .exit(1), "\(taken.text)")
        #expect(taken.text.contains("cannot listen on 127.0.0.1:\(port)"), "\(taken.text)")
        #expect(try side.query("source", "select max(current_value) from debezium_table") == "0")

        let writer = try side.start("writer", "run", "--timeout", "30s")
        defer { writer.discard() }
        try await writer.says("leader patroni")
        let lock = try side.lock("source")
        defer { lock.discard() }
        try await lab.until("the writer waits for the lock", within: .seconds(20)) {
            let waits =
                "select count(*) from pg_stat_activity where datname = '\(side.name)' "
                + "and wait_event_type = 'Lock' and application_name = 'handover-writer'"
            return try side.query("source", waits) != "0"
        }
        try await expectSecondSignal(writer)
    }

    @Test func `a guard and a watch end in order in each of their states`() async throws {
        let side = try SidePipeline(lab, "signals_reader")
        defer { side.remove() }
        let rehearsal = ["guard", "--dry-run", "--listen", "127.0.0.1:0"]
        let here = side.environment
        let port = try guardPort()
        let states: [(name: String, arguments: [String], words: String)] = [
            ("away", rehearsal + ["--patroni", "http://127.0.0.1:1"], "patroni can't be asked"),
            ("lost", rehearsal + ["--connect", "http://127.0.0.1:1"], "connect can't be asked"),
            ("text", ["watch"], " state="), ("json", ["watch", "--format", "json"], #""state":""#),
        ]
        for (name, arguments, words) in states {
            for signal in [SIGTERM, SIGINT] {
                let reader = try side.start("reader", arguments, here, log: name)
                defer { reader.discard() }
                try await reader.says(words)
                #expect(
                    try await reader.ends(by: signal, within: .seconds(15)) == .exit(0),
                    "\(arguments): \(reader.text)"
                )
                if name == "text" {
                    // There is no connector.
                    let end = "reader: no write was seen to come through"
                    #expect(reader.text.contains(end), "\(reader.text)")
                }
            }
            // Both are there before the program takes up either: the second one needs no help of the program's.
            let reader = try side.start("reader", arguments, here, log: name)
            defer { reader.discard() }
            try await reader.says(words)
            for signal in [SIGSTOP, SIGTERM, SIGINT, SIGCONT] { reader.send(signal) }
            let end = try await reader.ends(within: .seconds(2))
            #expect(end == .signal(SIGTERM) || end == .signal(SIGINT), "\(arguments): \(end)")
        }
        for arguments in [
            ["guard", "--dry-run", "--listen", "127.0.0.1:\(port)"],
            rehearsal + ["--gate-listen", "127.0.0.1:\(port)"], ["watch", "--listen", "127.0.0.1:\(port)"],
        ] {
            let reader = try side.start("reader", arguments, here, log: "taken")
            defer { reader.discard() }
            #expect(try await reader.ends(within: .seconds(10)) == .exit(3), "\(arguments): \(reader.text)")
            #expect(reader.text.contains("cannot listen on 127.0.0.1:\(port)"), "\(reader.text)")
        }
    }

    @Test func `a librdkafka that skips records is refused`() async throws {
        let side = try SidePipeline(lab, "signals_library")
        defer { side.remove() }
        var environment = side.environment
        environment["LD_LIBRARY_PATH"] = nil
        for arguments in [["run", side.sinkFile], ["check", side.sinkFile]] {
            let sink = try side.start("sink", arguments, environment)
            defer { sink.discard() }
            #expect(try await sink.ends(within: .seconds(20)) == .exit(1), "\(sink.text)")
            #expect(sink.text.contains("librdkafka 2.0.2 skips records"), "\(sink.text)")
        }
    }

    private func guardPort() throws -> Int {
        let url = try #require(lab.environment["HANDOVER_GUARD_URL"])
        return try #require(url.split(separator: ":").last.flatMap { Int($0) })
    }
}

extension SidePipeline {
    /// Locks one side's table against everybody until the program is discarded.
    func lock(_ side: String) throws -> StartedProgram {
        let url = try #require(
            environment["HANDOVER_ADMIN_\(side == "source" ? "SOURCE" : "DESTINATION")_URL"]
        )
        let sql = "begin; lock table debezium_table in access exclusive mode; select pg_sleep(60)"
        return try StartedProgram(
            "psql",
            "/usr/lib/postgresql/15/bin/psql",
            [url, "-qc", sql],
            environment,
            log: "\(folder)/lock.log"
        )
    }
}
