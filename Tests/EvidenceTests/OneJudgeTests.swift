import Evidence
import History
import Model
import Tables
import Testing

@testable import Verify
@testable import Writer

/// `writer history --check` and `reader verify` judge the same history of the same source in the same words.
@Suite struct OneJudgeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var attempts: Attempts
        var held: [RowID: Token]
        /// The headlines that both must have, in the checks' order.
        var headlines: [String]

        init(_ name: String, _ attempts: Attempts, _ held: [RowID: Token], _ headlines: String...) {
            (testDescription, self.attempts, self.held, self.headlines) = (name, attempts, held, headlines)
        }
    }

    static let cases = [
        Case("all there", Attempts((10, 0, .ok), (20, 10, .ok)), [1: 20]),
        Case(
            "went back",
            Attempts((10, 0, .ok), (20, 10, .ok), (30, 20, .settledOk)),
            [1: 10],
            "2 acknowledged writes lost at the source (key 1)"
        ),
        Case(
            "lost under a later write",
            Attempts((10, 0, .ok), (20, 10, .ok), (30, 10, .ok)),
            [1: 30],
            "1 acknowledged write lost at the source (key 1)"
        ),
        Case(
            "lost under a write of unknown outcome",
            Attempts((10, 0, .ok), (20, 10, .ok), (30, 10, .none), (40, 30, .ok)),
            [1: 40],
            "1 acknowledged write lost at the source (key 1)"
        ),
        Case(
            "a failed one is back",
            Attempts((10, 0, .ok), (20, 10, .fail)),
            [1: 20],
            "1 token resurrected at the source (key 1)"
        ),
        Case(
            "a failed one was found",
            Attempts((10, 0, .ok), (20, 10, .settledFail), (30, 20, .ok)),
            [1: 30],
            "1 token resurrected and overwritten (key 1)"
        ),
        Case("nobody's value", Attempts((10, 0, .ok)), [1: 99], "1 foreign value at the source (key 1)"),
        Case(
            "row gone",
            Attempts((10, 0, .ok), (20, 10, .info)),
            [:],
            "1 acknowledged write lost at the source (key 1)",
            "1 unknown outcome is not settled (key 1)"
        ),
        Case("open ones", Attempts((10, 0, .ok), (20, 10, .info), (30, 10, .none)), [1: 30]),
    ]

    @Test(arguments: cases)
    func `the same words and the same numbers`(of one: Case) {
        let checks = SourceFindings(
            Journal(one.attempts.lines, .allTables),
            values: ["debezium_table": one.held]
        )
        .checks
        #expect(checks.map(\.headline).filter { !$0.isEmpty } == one.headlines)
        let verdict = Verdict(
            Evidence(
                journal: Journal(one.attempts.lines),
                topic: TopicContent(topic: "t"),
                source: TableContent(rows: one.held.mapValues { TableContent.Row($0) }),
                destination: TableContent(),
                progress: [:],
                fence: FenceEvidence(outcome: .passed(partitionCount: 1))
            )
        )
        for check in checks where check.name != TableJudgement.tearName {
            #expect(verdict.checks.first { $0.name == check.name } == check)
        }
    }

    @Test func `the report for programs has the numbers of the checks`() {
        let findings = SourceFindings(
            Journal(Attempts((10, 0, .ok), (20, 10, .ok), (30, 10, .fail)).lines, .allTables),
            values: ["debezium_table": [1: 30]]
        )
        let result = SourceCheck.Result(findings: findings)
        #expect(!result.isClean)
        #expect(
            result.json
                == #"{"acknowledged":2,"lost":1,"resurrected":1,"torn":0,"foreign":0,"gone":0,"unsettled":0,"#
                + #""recovered":0,"outbox_defects":0,"body_defects":0,"total_off":0}"#
        )
        #expect(
            result.lines.first
                == "FAIL acknowledged at source            1  key 1 holds 30; acknowledged on timeline 1: 20, which a later "
                + "write did not find"
        )
    }
}
