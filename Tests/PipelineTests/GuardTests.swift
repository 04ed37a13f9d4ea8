import Cluster
import Model
import Testing

extension PipelineTests {
    @Test func `a worker of Kafka Connect that hangs does not close the gate`() async throws {
        let proxy = HAProxyClient(url: try #require(lab.environment["HANDOVER_HAPROXY_STATS"]))
        let leader = try lab.leader()
        func isOpen() async throws -> Bool {
            try await proxy.servers(of: "capture").contains { $0.name == leader && $0.isUp }
        }
        let opening = Deadline.after(.seconds(30))
        while try await !isOpen() {
            try #require(!opening.hasPassed, "the gate never opened")
            try await Task.sleep(for: .milliseconds(100))
        }
        // The first that the guard asks. Its word to HAProxy holds for 5 s without a new look at the leader.
        try lab.verb("pause", "connect1")
        defer { _ = try? lab.verb("resume", "connect1") }
        let end = Deadline.after(.seconds(9))
        while !end.hasPassed {
            try #require(try await isOpen(), "the gate closed")
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    @Test func `a guard that lost what it knew writes no row again, and notes it anew`() async throws {
        try await capture()
        // A fork in the history, and rows that were changed since.
        try lab.verb("switchover")
        try await lab.until("capture follows the leader", within: .seconds(90)) { try isCaptured() }
        let named = "select oid::regclass from pg_class where relname = 'handover_guard'"
        let table = try lab.query("source", named)
        try #require(!table.isEmpty)
        _ = try lab.query("source", "update debezium_table set current_value = current_value where id < 300")
        let end = try lab.query("source", "select pg_current_wal_lsn()")
        try await lab.until("the stream has passed", within: .seconds(60)) {
            try isTrue("bool_or(confirmed_flush_lsn > '\(end)') from pg_replication_slots where active")
        }

        let (phantoms, clears) = (try lab.lineCount(phantom), try lab.lineCount(clear))
        try lab.verb("stop", "guard")
        _ = try lab.query("source", "delete from \(table)")
        try lab.verb("start", "guard")
        try await lab.until("the timeline is cleared anew", within: .seconds(90)) {
            try lab.lineCount(clear) > clears
        }
        #expect(try lab.lineCount("nobody watched these forks") > 0)
        try await lab.until("capture goes on", within: .seconds(90)) { try isCaptured() }

        // A guard that has read what another one noted knows it as well as one that has noted it by itself.
        try lab.verb("stop", "guard")
        try lab.verb("start", "guard")
        try await lab.until("the gate is open again", within: .seconds(60)) {
            try guardStatus().contains(#""gate":"open""#)
        }
        try await lab.until("capture goes on again", within: .seconds(90)) { try isCaptured() }

        // Under a guard that runs, nothing forked since it looked last.
        let after = try lab.lineCount(clear)
        _ = try lab.query("source", "delete from \(table)")
        try await lab.until("the row is there again", within: .seconds(30)) {
            try isTrue("exists (select from \(table))")
        }
        let text = try guardStatus()
        #expect(text.contains(#""gate":"open""#) && text.contains(#""repairs_pending":0"#), "\(text)")
        #expect(try lab.lineCount(clear) == after)
        #expect(try lab.lineCount(phantom) == phantoms)
    }

    /// Registers the source, unless a test before this one did.
    func capture() async throws {
        if try !isCaptured() {
            #expect(try lab.program("writer", "init", "--rows", "1000").code == 0)
            try lab.verb("register-source")
        }
        try await lab.until("capture is at work", within: .seconds(60)) { try isCaptured() }
    }

    private var phantom: String { #""type":"phantom""# }
    private var clear: String { #""action":"clear""# }

    private func guardStatus() throws -> String {
        let url = try #require(lab.environment["HANDOVER_GUARD_URL"])
        return try Command.run("/usr/bin/curl", ["-sS", url + "/status"]).output
    }

    private func isCaptured() throws -> Bool {
        try isTrue("bool_or(active) from pg_replication_slots where slot_type = 'logical'")
    }

    private func isTrue(_ question: String) throws -> Bool {
        try lab.query("source", "select \(question)") == "t"
    }
}
