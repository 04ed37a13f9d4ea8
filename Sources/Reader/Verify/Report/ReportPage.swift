import FoundationEssentials
import Histogram
import Model

/// The verdict as one HTML file that needs nothing else: no network, and no script to be read.
///
/// Its size is bounded: drawings have as many marks as places, and the lists are cut as elsewhere.
struct ReportPage: Sendable {
    var document: VerdictDocument
    /// `nil` where a part could not be reached.
    var run: RunTimeline?
    /// The run in words.
    var facts: [(name: String, text: String)] = []

    /// Findings of each check that the page has at most, whatever was asked for.
    static let findingLimit = 1_000

    var html: String {
        var page = Markup()
        page.raw("<!doctype html>\n")
        page.element("html", ["lang": "en"]) { html in
            html.element("head") { head in
                head.raw("<meta charset=\"utf-8\">")
                head.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
                head.raw("<meta name=\"color-scheme\" content=\"light dark\">")
                head.element("title", text: document.firstLine)
                head.element("style") { $0.raw(ReportStyle.css) }
            }
            html.element("body") { body in
                addHeader(&body)
                body.element("main") { main in
                    if let run {
                        addFigures(&main)
                        addDrawings(&main, run)
                    }
                    if !document.checks.isEmpty { addChecks(&main) }
                    if !facts.isEmpty { addFacts(&main) }
                }
                body.element("footer", text: "Made by reader verify. The file holds all that it shows.")
                if let run { addScript(&body, RunPlots(run).bins) }
            }
        }
        page.raw("\n")
        return page.html
    }

    private func addHeader(_ body: inout Markup) {
        let word = document.verdict == "ERROR" ? "INCONCLUSIVE" : document.verdict
        let reasonsText = document.firstLine.without(prefix: "\(word): ") ?? document.firstLine
        body.element("header", ["class": "verdict \(document.verdict.lowercasedASCII)"]) { header in
            header.element("h1") { title in
                title.element("span", ["class": "word"]) { word in
                    word.element("span", ["class": "sign", "aria-hidden": "true"], text: document.sign)
                    word.text(document.verdict)
                }
            }
            header.element("div", ["class": "reasons"]) { reasons in
                for reason in reasonsText.replacingScalars("; ", with: "\n").parts(at: "\n") {
                    reasons.element("p", text: reason)
                }
            }
            if let run, run.beganAt > 0 {
                let length = TimeTicks.label(run.seconds, step: 1)
                header.element("p", ["class": "when"], text: "\(run.beganAt.asUTC), \(length)")
            }
        }
    }

    private func addFigures(_ main: inout Markup) {
        var figures: [(String, String)] = []
        if let writes = document.writes {
            figures.append(((writes.ok + writes.settledOk).grouped, "writes acknowledged"))
            figures.append((writes.fail.grouped, "failed"))
            let unknown = writes.info + writes.open + writes.settledOk + writes.settledFail
            let open = writes.info + writes.open
            figures.append((unknown.grouped, "of unknown outcome, \(open.grouped) left open"))
        }
        if let longest = document.faults.compactMap(\.writeRecovery).max() {
            figures.append((longest.asDuration, "longest without a write, around a fault"))
        }
        if let rows = document.rowsAtSource { figures.append((rows.grouped, "rows compared")) }
        if let events = document.eventsInTopic { figures.append((events.grouped, "events in the topic")) }
        let skipped = document.branches.reduce(0) { $0 + $1.skipped }
        if skipped > 0 { figures.append((skipped.grouped, "acknowledged writes skipped after a fork")) }
        main.element("section", ["aria-label": "Figures"]) { section in
            section.element("dl", ["class": "figures"]) { list in
                for (value, name) in figures {
                    list.element("div") { figure in
                        figure.element("dt", text: name)
                        figure.element("dd", text: value)
                    }
                }
            }
        }
    }

    private func addFacts(_ main: inout Markup) {
        main.element("section") { section in
            section.element("h2", text: "The run")
            section.element("dl", ["class": "facts"]) { list in
                for (name, text) in facts {
                    list.element("dt", text: name)
                    list.element("dd", text: String(text.unicodeScalars.drop { $0 == " " }))
                }
            }
        }
    }

    /// What follows the pointer; all it needs is numbers.
    private func addScript(_ body: inout Markup, _ bins: TimeBins) {
        func list(_ value: (TimeBins.Column) -> Double?) -> String {
            let values = bins.columns.map { column in value(column).map(\.coordinate) ?? "null" }
            return "[\(values.joined(separator: ","))]"
        }
        let counts = RunTimeline.Outcome.allCases.map { outcome in list { Double($0[outcome]) } }
        body.element("script") { script in
            script.raw("const bins={step:\(bins.step),counts:[\(counts.joined(separator: ","))],")
            script.raw("slowest:\(list(\.slowest)),lag:\(list(\.longestLag))};\n")
            script.raw(ReportScript.javaScript)
        }
    }
}

extension VerdictDocument {
    /// Told apart without colour.
    fileprivate var sign: String {
        switch verdict {
        case "PASS": "✓"
        case "FAIL": "✕"
        default: "?"
        }
    }
}
