import FoundationEssentials
import Histogram

extension ReportPage {
    /// Each check with its figure, what it found, and the story of each token.
    func addChecks(_ main: inout Markup) {
        main.element("section") { section in
            section.element("h2", text: "Checks")
            section.element("ol", ["class": "checks"]) { list in
                for check in document.checks {
                    list.element("li", ["class": check.status]) { add(check, to: &$0) }
                }
            }
        }
    }

    private func add(_ check: VerdictDocument.CheckPart, to item: inout Markup) {
        let (sign, word) =
            switch check.status {
            case "pass": ("✓", "holds")
            case "fail": ("✕", "broken")
            default: ("?", "no proof")
            }
        item.element("div", ["class": "check"]) { head in
            head.element("span", ["class": "sign", "aria-hidden": "true"], text: sign)
            head.element("h3", text: check.name)
            head.element("span", ["class": "status"], text: word)
            head.element("span", ["class": "count"], text: check.count.grouped)
        }
        item.element("div", ["class": "found"]) { found in
            if !check.headline.isEmpty { found.element("p", ["class": "headline"], text: check.headline) }
            if check.findings.isEmpty {
                for example in check.examples where example != check.headline {
                    found.element("p", text: example)
                }
            }
            for note in check.notes { found.element("p", ["class": "note"], text: note) }
            guard !check.findings.isEmpty else { return }
            found.element("ul", ["class": "findings"]) { list in
                for finding in check.findings {
                    list.element("li") { entry in
                        entry.element("p", text: finding.text)
                        if let story = finding.story { add(story, to: &entry) }
                    }
                }
            }
            if check.hidden > 0 {
                found.element("p", ["class": "note"], text: "and \(check.hidden.grouped) more (--all)")
            }
        }
    }

    /// The way of one token, a step each.
    private func add(_ story: TokenStory, to entry: inout Markup) {
        entry.element("dl", ["class": "story"]) { list in
            func step(_ name: String, _ text: String) {
                list.element("dt", text: name)
                list.element("dd", text: text)
            }
            if let worker = story.worker, let node = story.node, let timeline = story.timeline {
                let moment = story.invokedAt.map { ", \($0.asUTC)" } ?? ""
                step("sent", "by worker \(worker) to \(node) on timeline \(timeline)\(moment)")
            } else {
                step("written", story.origin == "nobody" ? "by nobody" : story.origin)
            }
            if let outcome = story.outcome {
                let time = story.microseconds.map { " after \($0.asDuration)" } ?? ""
                step("outcome", "\(outcome)\(time)\(story.failure.map { ", \($0)" } ?? "")")
            }
            if let settled = story.settled { step("settled", settled) }
            let places = story.topic.prefix(3).map {
                "partition \($0.partition), offset \($0.offset)\($0.lsn.map { ", log position \($0)" } ?? "")"
            }
            let more = story.topic.count > 3 ? "; and \(story.topic.count - 3) more" : ""
            step("topic", places.isEmpty ? "never there" : places.joined(separator: "; ") + more)
            step("source", "holds \(story.source.map(String.init) ?? "no such row")")
            step("destination", "holds \(story.destination.map(String.init) ?? "no such row")")
        }
    }
}

extension Int64 {
    /// Microseconds since 1970 as a person reads them: `2026-11-21 13:08:20.125 UTC`.
    var asUTC: String {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let text = Date(timeIntervalSince1970: Double(self) / 1e6).formatted(style)
        return text.replacingScalars("T", with: " ").replacingScalars("Z", with: " UTC")
    }
}
