import Foundation
import Testing

extension PipelineTests {
    /// Each would otherwise be a run that tries for ever, or one whose account is worth nothing.
    @Test func `what waiting does not mend ends the writer with its reason`() throws {
        let proxy = try #require(lab.environment["HANDOVER_SOURCE_URL"])
        func url(as user: String = "handover_writer", in database: String = "source_db") -> String {
            proxy.replacing("handover_operator@", with: "\(user)@").replacing(
                "/source_db",
                with: "/\(database)"
            )
        }
        let history = NSTemporaryDirectory() + "writer-\(UUID().uuidString).ndjson"
        defer { try? FileManager.default.removeItem(atPath: history) }
        #expect(try lab.program("writer", "init").code == 0)
        try lab.verb("psql", "source", "-qc", "create role onlooker login password 'onlooker'")
        try lab.verb("psql", "source", "-qc", "grant select on debezium_table to onlooker")
        try lab.verb("psql", "source", "-qc", "create database wrong_shape")
        let shape = "create table debezium_table (id int primary key, current_value text not null)"
        try lab.verb("psql", "source", "-qc", "\\c wrong_shape", "-c", shape)
        defer { _ = try? lab.verb("psql", "source", "-qc", "drop database wrong_shape with (force)") }

        try expectEnd(["--source", url(in: "postgres")], history, "there is no table public.debezium_table")
        try expectEnd(["--source", url(in: "wrong_shape")], history, "expected bigint not null, found text")
        try expectEnd(["--source", url(in: "nowhere")], history, "SQLSTATE 3D000")
        let refused = try expectEnd([], history, "SQLSTATE 28P01", source: url(as: "postgres:s3cret"))
        #expect(!refused.contains("s3cret"))
        try expectEnd(
            [],
            history,
            "it needs: grant select, update on public.debezium_table to onlooker",
            source: url(as: "onlooker:onlooker")
        )
        try expectEnd([], "/no/such/folder/history", "history /no/such/folder/history: cannot open")
        try expectEnd([], "/dev/full", "No space left on device")
        try expectEnd(["--workload", "transfer", "--rows", "1000000"], history, "writer init")
    }

    /// Makes a workload's table as a superuser: the writer's role has no right to make one.
    private func makeTable(_ workload: String) throws -> Command {
        let admin = try lab.adminURL("source")
        return try lab.program(
            "writer",
            "init",
            "--workload",
            workload,
            "--rows",
            "100",
            "--source",
            admin
        )
    }

    @Test func `a history that is full ends the run, and nothing is acknowledged that is not in it`() throws {
        #expect(try makeTable("mixed").code == 0)
        let history = NSTemporaryDirectory() + "writer-\(UUID().uuidString).ndjson"
        defer { try? FileManager.default.removeItem(atPath: history) }
        // 200 KB: some hundred attempts.
        let run = try shell(
            "ulimit -f 200; exec \"$@\" 2>&1",
            ["run", "--workload", "mixed", "--rate", "max", "--duration", "20s", "--history", history]
        )
        #expect(run.code == 1)
        #expect(run.output.contains("no write may be acknowledged and not recorded"), "\(run.output)")
        let size = try FileManager.default.attributesOfItem(atPath: history)[.size] as? Int
        #expect(size == 200 * 1_024)
        // The torn last line is forgiven; every value in the table is one that the history knows.
        let check = try lab.program("writer", "history", history, "--check", "--format", "json")
        #expect(check.code == 0, "\(check.output)")
        #expect(check.output.contains(#""lost":0,"resurrected":0,"torn":0,"foreign":0"#))
        // And a next run goes on after it.
        let next = try lab.program(
            "writer",
            "run",
            "--workload",
            "mixed",
            "--duration",
            "1s",
            "--history",
            history
        )
        #expect(next.code == 0, "\(next.output)")
        #expect(try lab.program("writer", "history", history, "--check").code == 0)
    }

    @Test func `through seeded faults the writer keeps its account`() throws {
        let told = try lab.verb(
            "faults",
            "--count",
            "3",
            "--seed",
            "11",
            "--kinds",
            "switchover,kill-haproxy,pause-postgres"
        )
        #expect(told.contains("all 3 in order"), "\(told)")
    }

    /// The forced fork: what the leader's walsenders no longer send is acknowledged and dies with the leader.
    @Test func `the acknowledged writes that an asynchronous failover loses are counted exactly`()
        async throws
    {
        #expect(try makeTable("transfer").code == 0)
        let history = NSTemporaryDirectory() + "writer-\(UUID().uuidString).ndjson"
        defer { try? FileManager.default.removeItem(atPath: history) }
        try lab.verb("patronictl", "edit-config", "--force", "--quiet", "--set", "synchronous_mode=false")
        defer {
            _ = try? lab.verb(
                "patronictl",
                "edit-config",
                "--force",
                "--quiet",
                "--set",
                "synchronous_mode=true"
            )
        }
        try await lab.until("the leader waits for nobody", within: .seconds(30)) {
            try lab.query("source", "show synchronous_standby_names") == ""
        }
        let kept = try acknowledged(history)
        let leader = try lab.leader()
        let senders = try lab.query(
            "source",
            "select pid from pg_stat_replication where application_name like 'patroni%'"
        )
        let pids = senders.split(separator: "\n").map(String.init)
        try #require(pids.count == 2)
        // Both have all that was written before.
        try await lab.until("the replicas have caught up", within: .seconds(30)) {
            try lab.query(
                "source",
                """
                select count(*) from pg_stat_replication
                where application_name like 'patroni%' and flush_lsn < pg_current_wal_flush_lsn()
                """
            ) == "0"
        }
        _ = try Command.run("/bin/kill", ["-STOP"] + pids)
        let lost = try acknowledged(history)
        try lab.verb("kill", leader)
        try await lab.until("there is a new leader", within: .seconds(90)) { try lab.hasLeader() }
        try expectLost(lost, of: kept + lost, history)
        // Writes over the gap do not hide it.
        let after = try acknowledged(history)
        try expectLost(lost, of: kept + lost + after, history)
        try lab.verb("start", leader)
    }

    /// Writes for a second and a half; returns how many were acknowledged.
    private func acknowledged(_ history: String) throws -> Int {
        let run = try lab.program(
            "writer",
            "run",
            "--workload",
            "transfer",
            "--rows",
            "100",
            "--rate",
            "200",
            "--duration",
            "1500ms",
            "--history",
            history,
            "--format",
            "json"
        )
        #expect(run.code == 0, "\(run.output)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
        )
        let writes = try #require(report["writes"] as? [String: Int])
        #expect(writes["info"] == 0)
        return try #require(writes["ok"])
    }

    private func expectLost(
        _ lost: Int,
        of acknowledged: Int,
        _ history: String,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let check = try lab.program("writer", "history", history, "--check", "--format", "json")
        #expect(lost > 0 && check.code == 1, sourceLocation: location)
        #expect(
            check.output.contains(
                #"{"acknowledged":\#(acknowledged),"lost":\#(lost),"resurrected":0,"torn":0"#
            ),
            "\(check.output)",
            sourceLocation: location
        )
    }

    @discardableResult
    private func expectEnd(
        _ arguments: [String],
        _ history: String,
        _ reason: String,
        source: String? = nil,
        _ location: SourceLocation = #_sourceLocation
    ) throws -> String {
        let run = try shell(
            "exec \"$@\" 2>&1",
            ["run", "--duration", "5s", "--history", history] + arguments,
            source: source
        )
        #expect(run.code == 1, "\(run.output)", sourceLocation: location)
        #expect(run.output.contains(reason), "\(run.output)", sourceLocation: location)
        return run.output
    }

    /// The writer run by a shell, with its errors in the output.
    ///
    /// - Parameter source: a URL with a password in it, which no command line takes.
    private func shell(_ script: String, _ arguments: [String], source: String? = nil) throws -> Command {
        var environment = lab.environment
        if let source { environment["HANDOVER_SOURCE_URL"] = source }
        let writer = "\(lab.environment["HANDOVER_BIN"] ?? "")/writer"
        return try Command.run(
            "/bin/bash",
            ["-c", script, "bash", writer] + arguments,
            environment: environment
        )
    }
}
