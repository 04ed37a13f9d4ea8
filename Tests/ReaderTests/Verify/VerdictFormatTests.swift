import Evidence
import Foundation
import History
import Model
import Tables
import Testing

@testable import Verify

@Suite("The verdict's formats") struct VerdictFormatTests {
    private func document(_ run: RunFixture, limit: Int = 8) -> VerdictDocument {
        VerdictDocument(run.verdict, run.evidence, limit: limit)
    }

    @Test func `JSON tells verdict, checks, findings and the story of each token`() throws {
        var run = RunFixture()
        run.destination.rows[3] = .init(run.token(3, 2))
        let parsed = try JSONSerialization.jsonObject(with: Data(document(run).json.utf8))
        let root = try #require(parsed as? [String: Any])
        #expect(root["version"] as? Int == 1)
        #expect(root["verdict"] as? String == "FAIL")
        #expect(root["exitCode"] as? Int == 1)
        let checks = try #require(root["checks"] as? [[String: Any]])
        #expect(checks.count == Verdict.all.count + 1)
        let check = try #require(checks.first { $0["name"] as? String == "acknowledged at destination" })
        let finding = try #require((check["findings"] as? [[String: Any]])?.first)
        #expect(finding["kind"] as? String == "lost-at-destination")
        let story = try #require(finding["story"] as? [String: Any])
        #expect(story["token"] as? Int == 303)
        #expect(story["timeline"] as? Int == 2)
        #expect(story["outcome"] as? String == "ok")
        #expect(story["destination"] as? Int == 302)
        #expect((story["topic"] as? [Any])?.count == 1)
        let faults = try #require(root["faults"] as? [[String: Any]])
        #expect(faults.first?["writeRecovery"] as? Int == 11_000_000)
    }

    @Test func `lists are ranked and capped, and told in full where that is asked for`() {
        var run = RunFixture()
        for id in 10..<30 { run.source.rows[RowID(Int64(id))] = .init(0) }
        let capped = document(run).checks.first { $0.name == "source equals destination" }
        #expect(capped?.findings.count == 8)
        #expect(capped?.hidden == 12)
        let whole = document(run, limit: .max).checks.first { $0.name == "source equals destination" }
        #expect(whole?.findings.count == 20)
        #expect(whole?.hidden == 0)
        run = RunFixture()
        run.source.rows[1] = .init(run.token(1, 2))
        run.source.rows[2] = .init(run.token(2, 1))
        #expect(run.verdict.check("acknowledged at source")?.anomalies.map(\.row) == [2, 1])
    }

    @Test func `a story says who wrote the token, where, and what became of it`() {
        var run = RunFixture()
        run.attempt(1, 104, previous: 103, at: 33) {
            .info($0, .init(sqlState: nil, phase: .commit, reason: "gone", cause: "connection-lost"))
        }
        run.add(
            .settled(
                .init(worker: 0, id: 1, token: Token(104)),
                didHappen: false,
                value: 103,
                run.session(2)
            ),
            at: 34
        )
        run.destination.rows[1] = .init(104)
        let story = TokenStory(104, of: 1, run.evidence, Facts(run.evidence))
        #expect(
            story.sentence
                == "worker 0 sent it to 127.0.0.1:5432 on timeline 2; "
                + "settled fail after 0 µs (connection-lost in commit: gone); "
                + "settled: row held 103 on 127.0.0.1:5432, timeline 2; not in the topic; "
                + "source holds 103; destination holds 104"
        )
    }

    @Test func `JUnit has one case for each check`() throws {
        var run = RunFixture()
        run.destination.rows[3] = nil
        run.add(
            .fault(.init(edge: .begin, fault: "kill", target: "<&\"", leader: nil, timeline: nil)),
            at: 25
        )
        let xml = JUnitReport(document: document(run)).xml
        func count(_ text: String) -> Int { xml.components(separatedBy: text).count - 1 }
        #expect(count("<testcase ") == Verdict.all.count + 1)
        #expect(count("<failure ") == run.verdict.failed.count)
        #expect(count("<failure ") == count("</failure>"))
        #expect(xml.contains("kill &lt;&amp;&quot;"))
    }

    @Test func `a part that can't be reached is an error in both formats`() {
        let document = VerdictDocument(error: "broker: away")
        #expect(document.json.contains(#""verdict" : "ERROR""#))
        #expect(
            JUnitReport(document: document).xml.contains("<error message=\"INCONCLUSIVE: broker: away\"/>")
        )
    }
}
