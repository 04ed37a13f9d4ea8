import History
import Model
import Postgres
import Testing

@testable import Writer

@Suite struct JudgementTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var end: AttemptEnd
        var phase: Phase
        var warning: String? = nil
        var outcome: Outcome
        var next: NextStep

        var testDescription: String { "\(end) in \(phase) with \(warning ?? "no warning")" }
    }

    static func server(_ state: String) -> AttemptEnd {
        .failed(PostgresError(code: .server, sqlState: SQLState(state), message: "no", server: "s"))
    }

    static func refused(_ state: String?) -> AttemptEnd {
        .failed(
            PostgresError(
                code: .cannotConnect,
                sqlState: state.map { SQLState($0) },
                message: "no",
                server: "s"
            )
        )
    }

    static let lost = AttemptEnd.failed(PostgresError(code: .connectionLost, message: "no", server: "s"))
    static let timedOut = AttemptEnd.failed(PostgresError(code: .timedOut, message: "no", server: "s"))

    static let beforeAnythingWasSent: [Case] = [
        Case(end: refused(nil), phase: .connect, outcome: .fail, next: .reconnect),
        Case(end: refused("57P03"), phase: .connect, outcome: .fail, next: .reconnect),
        Case(end: refused("08001"), phase: .connect, outcome: .fail, next: .reconnect),
        Case(end: refused("57P01"), phase: .connect, outcome: .fail, next: .reconnect),
        Case(end: refused("53300"), phase: .connect, outcome: .fail, next: .reconnect),
        Case(end: refused("25006"), phase: .connect, outcome: .fail, next: .reconnect),
        Case(end: refused("28P01"), phase: .connect, outcome: .fail, next: .stop),
        Case(end: refused("3D000"), phase: .connect, outcome: .fail, next: .stop),
        Case(end: lost, phase: .connect, outcome: .fail, next: .reconnect),
    ]

    static let beforeCommit: [Case] = [
        Case(end: .untouched, phase: .statement, outcome: .fail, next: .reread),
        Case(end: lost, phase: .statement, outcome: .fail, next: .reconnect),
        Case(end: timedOut, phase: .statement, outcome: .fail, next: .reconnect),
        Case(end: server("57P01"), phase: .statement, outcome: .fail, next: .reconnect),
        Case(end: server("57P02"), phase: .statement, outcome: .fail, next: .reconnect),
        Case(end: server("57P05"), phase: .statement, outcome: .fail, next: .reconnect),
        Case(end: server("08003"), phase: .statement, outcome: .fail, next: .reconnect),
        Case(end: server("08006"), phase: .statement, outcome: .fail, next: .reconnect),
        Case(end: server("08007"), phase: .statement, outcome: .fail, next: .reconnect),
        Case(end: server("08S01"), phase: .statement, outcome: .fail, next: .reconnect),
        Case(end: server("53200"), phase: .statement, outcome: .fail, next: .pause),
        Case(end: server("55006"), phase: .statement, outcome: .fail, next: .pause),
        Case(end: server("XX001"), phase: .statement, outcome: .fail, next: .pause),
        Case(end: server("28000"), phase: .statement, outcome: .fail, next: .stop),
        Case(end: server("3D000"), phase: .statement, outcome: .fail, next: .stop),
        Case(end: server("25006"), phase: .statement, outcome: .fail, next: .reconnect),
        Case(end: server("25P03"), phase: .statement, outcome: .fail, next: .reconnect),
        Case(end: server("26000"), phase: .statement, outcome: .fail, next: .reconnect),
        Case(end: server("57014"), phase: .statement, outcome: .fail, next: .proceed),
        Case(end: server("40001"), phase: .statement, outcome: .fail, next: .proceed),
        Case(end: server("40P01"), phase: .statement, outcome: .fail, next: .proceed),
        Case(end: server("40003"), phase: .statement, outcome: .info, next: .reconnect),
        Case(end: server("55P03"), phase: .statement, outcome: .fail, next: .pause),
        Case(end: server("53100"), phase: .statement, outcome: .fail, next: .pause),
        Case(end: server("58030"), phase: .statement, outcome: .fail, next: .pause),
        Case(end: server("XX000"), phase: .statement, outcome: .fail, next: .pause),
        Case(end: server("42501"), phase: .statement, outcome: .fail, next: .stop),
        Case(end: server("42P01"), phase: .statement, outcome: .fail, next: .stop),
        Case(end: server("22003"), phase: .statement, outcome: .fail, next: .stop),
        Case(end: server("23514"), phase: .statement, outcome: .fail, next: .stop),
        Case(end: server("P0001"), phase: .statement, outcome: .fail, next: .stop),
    ]

    static let onceCommitWasSent: [Case] = [
        Case(end: .answered(tag: "COMMIT"), phase: .commit, outcome: .ok, next: .proceed),
        Case(end: .answered(tag: "ROLLBACK"), phase: .commit, outcome: .fail, next: .proceed),
        Case(end: .answered(tag: "SELECT 1"), phase: .commit, outcome: .info, next: .reconnect),
        Case(end: lost, phase: .commit, outcome: .info, next: .reconnect),
        Case(end: timedOut, phase: .commit, outcome: .info, next: .reconnect),
        Case(end: server("57P01"), phase: .commit, outcome: .info, next: .reconnect),
        Case(end: server("57P02"), phase: .commit, outcome: .info, next: .reconnect),
        Case(end: server("57P05"), phase: .commit, outcome: .info, next: .reconnect),
        Case(end: server("08003"), phase: .commit, outcome: .info, next: .reconnect),
        Case(end: server("08006"), phase: .commit, outcome: .info, next: .reconnect),
        Case(end: server("08007"), phase: .commit, outcome: .info, next: .reconnect),
        Case(end: server("08S01"), phase: .commit, outcome: .info, next: .reconnect),
        Case(end: server("40P01"), phase: .commit, outcome: .fail, next: .proceed),
        Case(end: server("53200"), phase: .commit, outcome: .info, next: .pause),
        Case(end: server("XX000"), phase: .commit, outcome: .info, next: .pause),
        Case(end: server("42501"), phase: .commit, outcome: .fail, next: .stop),
        Case(end: server("22003"), phase: .commit, outcome: .fail, next: .stop),
        Case(end: server("40003"), phase: .commit, outcome: .info, next: .reconnect),
        Case(end: server("53100"), phase: .commit, outcome: .info, next: .pause),
        Case(end: server("58030"), phase: .commit, outcome: .info, next: .pause),
        Case(end: server("XX001"), phase: .commit, outcome: .info, next: .pause),
        Case(end: server("25006"), phase: .commit, outcome: .fail, next: .reconnect),
        Case(end: server("40001"), phase: .commit, outcome: .fail, next: .proceed),
        Case(end: server("57014"), phase: .commit, outcome: .fail, next: .proceed),
        Case(end: server("55P03"), phase: .commit, outcome: .fail, next: .pause),
        Case(end: server("23503"), phase: .commit, outcome: .fail, next: .stop),
    ]

    static let warnings: [Case] = [
        Case(
            end: .answered(tag: "COMMIT"),
            phase: .commit,
            warning: "canceling wait for synchronous replication due to user request",
            outcome: .info,
            next: .proceed
        ),
        Case(
            end: lost,
            phase: .commit,
            warning: "canceling the wait for synchronous replication and terminating connection",
            outcome: .info,
            next: .reconnect
        ),
        Case(
            end: server("57014"),
            phase: .commit,
            warning: "canceling wait for synchronous replication",
            outcome: .info,
            next: .proceed
        ),
        // A trigger's warning came with UPDATE; it says nothing about the commit.
        Case(end: lost, phase: .statement, warning: "a trigger's", outcome: .fail, next: .reconnect),
    ]

    @Test(arguments: beforeAnythingWasSent + beforeCommit + onceCommitWasSent + warnings)
    func `phase, error and warning decide the outcome and the next step`(_ row: Case) {
        let notices = row.warning.map { [Notice(severity: "WARNING", sqlState: "01000", message: $0)] } ?? []
        let judgement = Judgement(of: row.end, in: row.phase, notices: notices)
        #expect(judgement.outcome == row.outcome)
        #expect(judgement.next == row.next)
    }

    @Test func `a mere notice with COMMIT leaves it acknowledged`() {
        let notice = Notice(severity: "NOTICE", sqlState: "00000", message: "hello")
        #expect(Judgement(of: .answered(tag: "COMMIT"), in: .commit, notices: [notice]).outcome == .ok)
    }

    @Test func `only what waiting does not mend is permanent`() {
        func error(_ code: PostgresError.Code, _ state: SQLState?) -> PostgresError {
            PostgresError(code: code, sqlState: state, message: "no", server: "s")
        }
        #expect(error(.cannotConnect, "28P01").isPermanent)
        #expect(error(.cannotConnect, "3D000").isPermanent)
        #expect(error(.server, "42501").isPermanent)
        #expect(!error(.cannotConnect, nil).isPermanent)
        #expect(!error(.cannotConnect, "57P03").isPermanent)
        #expect(!error(.server, "55000").isPermanent)
        #expect(!error(.timedOut, nil).isPermanent)
    }

    @Test func `the history tells the warning, not the answer that it makes doubtful`() {
        let warning = Notice(severity: "WARNING", sqlState: "57P01", message: "canceling the wait")
        let why = HistoryLine.Unacknowledged(.answered(tag: "COMMIT"), phase: .commit, notices: [warning])
        #expect(why == .init(sqlState: "57P01", phase: .commit, reason: "canceling the wait"))
    }
}
