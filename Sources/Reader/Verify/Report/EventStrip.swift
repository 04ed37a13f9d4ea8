import Shared

/// Who led, when nobody could write, what state the pipeline was in, and what was broken: a row for each.
struct EventStrip: Sendable {
    let run: RunTimeline

    private static let rowHeight = 26.0

    private var rows: [(name: String, style: String, spans: [RunTimeline.Span])] {
        var rows: [(String, String, [RunTimeline.Span])] = [("leader", "leader", run.leaders)]
        rows.append(("outages", "outage", run.outages))
        if !run.states.isEmpty { rows.append(("pipeline", "state", run.states)) }
        let faults = run.faults.map {
            RunTimeline.Span(from: $0.span.from, to: $0.span.to, label: "\($0.number) \($0.span.label)")
        }
        if !faults.isEmpty { rows.append(("faults", "fault", faults)) }
        if !run.connectorStarts.isEmpty { rows.append(("connector", "connector", run.connectorStarts)) }
        return rows
    }

    func svg(_ size: PlotFrame.Size) -> Markup {
        let rows = rows
        let height = PlotFrame.top + Double(rows.count) * Self.rowHeight + PlotFrame.bottom
        let frame = PlotFrame("strip", size, height: height, run)
        let told = rows.map { row in
            let list = row.spans.prefix(12).map(\.label).joined(separator: ", ")
            return "\(row.name): \(list.isEmpty ? "none" : list)"
        }
        return frame.svg(
            title: "Leader, outages, pipeline and faults over time",
            description: told.joined(separator: "; ")
        ) { svg in
            for (index, row) in rows.enumerated() {
                let y = PlotFrame.top + Double(index) * Self.rowHeight
                frame.text(&svg, "axis end", x: frame.left - 6, y: y + 17, row.name == "connector" && size == .narrow ? "connect" : row.name)
                draw(&svg, row.spans, row.style, frame, y)
            }
        }
    }

    private func draw(
        _ svg: inout Markup,
        _ spans: [RunTimeline.Span],
        _ style: String,
        _ frame: PlotFrame,
        _ y: Double
    ) {
        var labelEnd = -1.0
        // More than there are pixels can't be told apart.
        for (index, span) in spans.prefix(Int(frame.width)).enumerated() {
            let (from, to) = (frame.time(span.from), frame.time(span.to))
            let state = style == "state" ? " " + span.label.lowercased().filter(\.isLetter) : ""
            frame.rect(
                &svg,
                "span \(style)\(index.isMultiple(of: 2) ? "" : " odd")\(state)",
                x: from,
                y: y + 3,
                width: max(to - from, 3),
                height: Self.rowHeight - 6
            )
            // Seven pixels a letter: a label that does not fit is in the list below.
            let next = index + 1 < spans.count ? frame.time(spans[index + 1].from) : frame.right
            let length = Double(span.label.count) * 6.6 + 8
            let room = style == "outage" || style == "fault" || style == "connector" ? next : to
            guard from + length <= max(room, to), from > labelEnd else { continue }
            frame.text(&svg, "span-label", x: from + 5, y: y + 17, span.label)
            labelEnd = from + length
        }
    }
}
