import Evidence
import Model
import Testing

@testable import Slots
@testable import Verify

/// Lines as PostgreSQL 15.18 wrote them.
private func log(
    _ confirmed: String,
    _ asked: String,
    restart: String = "0/44D6740",
    found: String?,
    by detail: String = "There are no old transactions anymore.",
    statement: String = "START_REPLICATION SLOT \"source_slot\" LOGICAL %s (\"proto_version\" '1')",
    pid: Int = 26913,
    since: Int64? = nil
) -> ServerLog {
    let prefix = "2026-11-28 22:06:09.580 UTC [\(pid)] "
    let words = statement.split(separator: "%s", omittingEmptySubsequences: false).joined(separator: asked)
    var lines = [
        "LOG:  starting logical decoding for slot \"source_slot\"",
        "DETAIL:  Streaming transactions committing after \(confirmed), reading WAL from \(restart).",
        "STATEMENT:  \(words)",
        "LOG:  logical decoding found initial consistent point at 0/4643AC8",
        "DETAIL:  Waiting for transactions (approximately 5) older than 1234 to end.",
    ]
    if let found {
        lines += ["LOG:  logical decoding found consistent point at \(found)", "DETAIL:  \(detail)"]
    }
    var log = ServerLog(since: since)
    for line in lines { log.take(Array((prefix + line).utf8)) }
    return log
}

struct ServerLogTests {
    @Test func `a start is cold where decoding is consistent after its position`() {
        let cold = log("0/4680490", "0/4680490", found: "0/46A4C88")
        #expect(cold.starts.map(\.isCold) == [true])
        #expect(log("0/47AA018", "0/47AA018", found: "0/4773840").starts.map(\.isCold) == [false])
    }

    @Test func `the position that was asked for counts where it is later than the slot's`() {
        let warm = log("0/477D800", "0/47AA018", found: "0/4790000")
        #expect(warm.starts.map(\.isCold) == [false])
        #expect(warm.starts.first?.position == LSN("0/47AA018"))
    }

    @Test func `what advances a slot sends nothing`() {
        let advanced = log(
            "0/4680490",
            "",
            found: "0/46A4C88",
            statement: "SELECT pg_catalog.pg_replication_slot_advance($1, $2)"
        )
        #expect(advanced.starts.isEmpty)
    }

    @Test func `a start that ended before it was consistent has sent nothing`() {
        #expect(log("0/4680490", "0/4680490", found: nil).starts.map(\.isCold) == [false])
    }

    @Test func `another slot's snapshot loses the begin of what ran`() {
        let saved = "Logical decoding will begin using saved snapshot."
        let own = log("0/47AA018", "0/47AA018", restart: "0/44D6740", found: "0/44D6740", by: saved)
        let others = log("0/47AA018", "0/47AA018", restart: "0/44D6740", found: "0/4500000", by: saved)
        #expect(own.starts.map(\.isCold) == [false])
        #expect(others.starts.map(\.isCold) == [true])
    }

    @Test func `lines of another run do not count`() {
        // 2026-11-28 22:06:09 UTC.
        let time: Int64 = 1_795_903_569
        #expect(LogTime.seconds(Array("2026-11-28 22:06:09.580 UTC [1] LOG:  x".utf8)) == time)
        #expect(LogTime.seconds(Array("2026-11-28 22:06:09.580 CET [1] LOG:  x".utf8)) == nil)
        #expect(LogTime.seconds(Array("garbage".utf8)) == nil)
        #expect(log("0/4680490", "0/4680490", found: "0/46A4C88", since: time + 1).starts.isEmpty)
        #expect(log("0/4680490", "0/4680490", found: "0/46A4C88", since: time - 1).starts.count == 1)
    }

    @Test func `a verdict names a cold start, and is not sure of anything then`() {
        var run = RunFixture()
        run.serverLog = log("0/4680490", "0/4680490", found: "0/46A4C88")
        #expect(run.verdict.status == .unknown)
        #expect(
            run.verdict.firstLine.contains(
                "was read cold: what was committed between 0/4680490 and 0/46A4C88"
            )
        )
        run.serverLog = log("0/47AA018", "0/47AA018", found: "0/4773840")
        #expect(run.verdict.status == .pass)
    }

    @Test func `a standby that is not ready is noted with its reason`() {
        var run = RunFixture()
        let look = StandbyLook(standbys: [
            "patroni2": .notReady("it is cold", remedy: "wait"), "patroni3": .ready("x"),
        ])
        run.slots = [
            SlotState(
                name: "source_slot",
                isLogical: true,
                isActive: true,
                walStatus: "reserved",
                hasCatalogXmin: true
            )
        ]
        run.standbys = ["source_slot": look]
        let notes = run.verdict.check("slot readiness")?.notes ?? []
        #expect(notes.filter { $0.contains("patroni2") && $0.contains("it is cold") }.count == 1)
        #expect(!notes.contains { $0.contains("patroni3") })
    }
}
