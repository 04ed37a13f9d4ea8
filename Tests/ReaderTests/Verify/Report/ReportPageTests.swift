import Foundation
import History
import Model
import Tables
import Testing

@testable import Evidence
@testable import Verify

@Suite("The report") struct ReportPageTests {
    private func page(_ run: RunFixture, limit: Int = 8) -> ReportPage {
        let evidence = run.evidence
        let verdict = Verdict(evidence)
        return ReportPage(
            document: VerdictDocument(verdict, evidence, limit: limit),
            run: RunTimeline(evidence.journal),
            facts: [("writes", "12 ok")]
        )
    }

    /// The page as XML, where it is well-formed: every element is closed, everything foreign escaped.
    private func parse(_ html: String) throws -> Elements {
        // The elements without content, and the name of a space, are HTML's; the rest is XML.
        let body = html.replacing("<!doctype html>", with: "").replacing("&nbsp;", with: " ")
            .replacing(/<meta [^>]*>/, with: "")
            .replacing(/<script>[^<]*(<[^\/][^<]*)*<\/script>/, with: "")
        return try Elements(body)
    }

    @Test func `a run that is right is told in full and well-formed`() throws {
        let html = page(RunFixture()).html
        let elements = try parse(html)
        #expect(elements.text(of: "h1").contains("PASS"))
        #expect(elements.texts(of: "h3") == RunFixture().verdict.checks.map(\.name))
        #expect(elements.count("svg.plot") == 6)
        #expect(elements.count("title") == 1 + 6)
        #expect(elements.count("desc") == 6)
        #expect(html.contains("acknowledged writes"))
        #expect(html.contains("Lag was not recorded"))
        #expect(html.contains("switchover patroni2"))
    }

    @Test func `a finding comes with the story of its token`() throws {
        var run = RunFixture()
        run.destination.rows[3] = .init(run.token(3, 2))
        let elements = try parse(page(run).html)
        #expect(elements.text(of: "h1").contains("FAIL"))
        #expect(elements.count("dl.story") > 0)
        #expect(elements.texts(of: "dd").contains("holds 302"))
    }

    @Test func `nothing is loaded from anywhere`() {
        let html = page(RunFixture()).html
        for word in ["http:", "https:", "src=", "href=", "@import", "url(http"] {
            #expect(!html.contains(word), "\(word)")
        }
    }

    @Test func `words of a server can't become markup, whichever way they come in`() throws {
        let evil = "</script><script>alert(1)</script>\"'<b>"
        var run = RunFixture(
            fault: .init(edge: .begin, fault: evil, target: evil, leader: evil, timeline: nil)
        )
        run.attempt(1, 150, previous: 103, at: 34) {
            .fail($0, .init(sqlState: "40001", phase: .statement, reason: evil))
        }
        run.destination.rows[1] = .init(150)
        var made = page(run)
        made.facts.append((evil, evil))
        made.document.checks[0].notes.append(evil)
        #expect(made.html.contains("&lt;script&gt;alert(1)"))
        #expect(!made.html.contains("<script>alert"))
        _ = try parse(made.html)
    }

    @Test func `lag that was recorded is drawn`() throws {
        var run = RunFixture()
        for second in UInt64(12)...40 {
            run.add(
                .lag(
                    .init(
                        buckets: [.init(microseconds: 5_000 * second, count: 10)],
                        recordsBehind: 0,
                        divergentRows: 0,
                        state: second < 20 ? "OK" : "LAGGING"
                    )
                ),
                at: second
            )
        }
        let elements = try parse(page(run).html)
        #expect(elements.count("svg.plot") == 8)
        #expect(elements.texts(of: "text").contains("LAGGING"))
    }

    @Test func `a part that can't be reached makes a page that says so`() throws {
        let elements = try parse(ReportPage(document: VerdictDocument(error: "broker: no answer")).html)
        #expect(elements.text(of: "h1").contains("ERROR"))
        #expect(elements.texts(of: "p").contains("broker: no answer"))
    }

    @Test func `an empty history is drawn as nothing`() throws {
        let elements = try parse(page(RunFixture(empty: "t")).html)
        #expect(elements.count("svg.plot") == 0)
        #expect(elements.texts(of: "p").contains("The history holds nothing that could be drawn."))
    }

    @Test func `a long run does not make a large page`() {
        var run = RunFixture(empty: "t")
        for number in Int64(0)..<60_000 {
            run.attempt(RowID(number % 50), Token(1_000 + number), previous: 0, at: UInt64(number / 5)) {
                number % 7 == 0
                    ? .fail($0, .init(sqlState: "40001", phase: .statement, reason: "conflict"))
                    : .ok($0, latency: 1, intendedLatency: 1)
            }
        }
        let timeline = RunTimeline(Journal(run.lines))
        #expect(timeline.writes.count == 60_000)
        #expect(TimeBins(timeline).columns.count <= TimeBins.limit + 1)
        let html = ReportPage(document: VerdictDocument(error: "none"), run: timeline).html
        #expect(html.utf8.count < 200_000, "\(html.utf8.count)")
    }

    @Test func `columns count each write once, by its outcome`() {
        let bins = TimeBins(RunTimeline(Journal(RunFixture().lines)))
        #expect(bins.columns.reduce(0) { $0 + $1[.ok] } == 12)
        #expect(bins.columns.reduce(0) { $0 + $1.total } == 12)
    }

    @Test func `leaders and outages are read from the history`() {
        let timeline = RunTimeline(Journal(RunFixture().lines))
        #expect(timeline.leaders.count == 2)
        #expect(timeline.leaders.last?.label == "timeline 2 · 127.0.0.1:5432")
        #expect(timeline.outages.map(\.label) == ["11.0 s", "9.0 s"])
        #expect(timeline.faults.map(\.number) == [1])
    }

    @Test func `a file that can't be written is known before the work`() {
        #expect(ReportFile(path: "/nowhere/report.html").problem?.contains("/nowhere") == true)
        #expect(ReportFile(path: "/tmp").problem?.contains("folder") == true)
        #expect(ReportFile(path: "").problem != nil)
        #expect(ReportFile(path: "/tmp/report.html").problem == nil)
    }
}
