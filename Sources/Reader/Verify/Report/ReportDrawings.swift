import Histogram
import Model

extension ReportPage {
    /// All drawings, each with what it needs to be read.
    func addDrawings(_ main: inout Markup, _ run: RunTimeline) {
        let plots = RunPlots(run)
        main.element("section") { section in
            section.element("h2", text: "Over time")
            if run.writes.isEmpty && run.lag.isEmpty && run.faults.isEmpty {
                section.element("p", text: "The history holds nothing that could be drawn.")
                return
            }
            section.element("div", ["class": "plots"]) { area in
                area.element("p", ["class": "readout", "aria-hidden": "true"]) { $0.raw("&nbsp;") }
                addFigure(&area, "Leader, outages and faults", EventStrip(run: run).svg)
                addFigure(&area, "Writes a second", legend: Self.outcomes(.bar), plots.throughput)
                addFigure(&area, "Latency of each write", legend: Self.outcomes(.mark), plots.latency)
                if run.lag.contains(where: { !$0.histogram.isEmpty }) {
                    addFigure(&area, "Lag end to end", legend: Self.lagLegend, plots.lag)
                } else {
                    area.element(
                        "p",
                        ["class": "note"],
                        text: "Lag was not recorded: `reader watch --record` beside the load does it."
                    )
                }
            }
            let bands = run.faults.isEmpty ? "" : " Hatched bands are faults, by their numbers."
            section.element(
                "p",
                ["class": "note"],
                text: "A column lasts \(TimeTicks.label(plots.bins.step, step: plots.bins.step)); "
                    + "writes that fall on the same \(Int(MarkGrid.size)) pixels are drawn once.\(bands)"
            )
            if !run.faults.isEmpty { addFaults(&section, run) }
        }
    }

    private func addFigure(
        _ area: inout Markup,
        _ title: String,
        legend: Markup = Markup(),
        _ draw: (PlotFrame.Size) -> Markup
    ) {
        area.element("figure") { figure in
            figure.element("figcaption") { caption in
                caption.element("strong", text: title)
                caption.raw(legend)
            }
            for size in PlotFrame.Size.allCases { figure.raw(draw(size)) }
        }
    }

    private func addFaults(_ section: inout Markup, _ run: RunTimeline) {
        section.element("div", ["class": "scroll"]) { box in
            box.element("table") { table in
                table.element("caption", text: "Faults")
                table.element("thead") { head in
                    head.element("tr") { row in
                        for name in [
                            "#", "fault", "begins", "lasts", "no write for", "no capture for",
                            "in order after",
                        ] {
                            row.element("th", ["scope": "col"], text: name)
                        }
                    }
                }
                table.element("tbody") { body in
                    for (fault, part) in zip(run.faults, document.faults) {
                        let length = fault.span.to - fault.span.from
                        let cells = [
                            "\(fault.number)", fault.span.label, TimeTicks.label(fault.span.from, step: 0.1),
                            fault.isOpen ? "to the end" : UInt64(length * 1e6).asDuration,
                            part.writeRecovery?.asDuration ?? "not known",
                            part.captureRecovery?.asDuration ?? "not known",
                            part.endToEndRecovery?.asDuration ?? "not known",
                        ]
                        body.element("tr") { row in for cell in cells { row.element("td", text: cell) } }
                    }
                }
            }
        }
    }

    private enum Sign { case bar, mark }

    private static func outcomes(_ sign: Sign) -> Markup {
        legend(
            RunTimeline.Outcome.allCases.map { outcome in
                sign == .bar
                    ? (outcome.name, "M0 2h12v10h-12z", "bar \(outcome)")
                    : (outcome.name, "M6 7\(outcome.mark)", "mark \(outcome)")
            }
        )
    }

    private static let lagLegend = legend([
        ("longest", "M0 7h14", "line longest"), ("median", "M0 7h14", "line median"),
    ])

    private static func legend(_ entries: [(name: String, path: String, style: String)]) -> Markup {
        var markup = Markup()
        for entry in entries {
            markup.element("span", ["class": "key"]) { key in
                key.element("svg", ["viewBox": "0 0 14 14", "aria-hidden": "true"]) {
                    $0.shape("path", ["class": entry.style, "d": entry.path])
                }
                key.text(entry.name)
            }
        }
        return markup
    }
}
