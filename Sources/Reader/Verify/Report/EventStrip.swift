/// Who led, when nobody could write, what state the pipeline was in, and what was broken: a row for each.
struct EventStrip: Sendable {
    private struct Row {
        var name: String
        var style: String
        var spans: [RunTimeline.Span]
    }

    let run: RunTimeline

    private static let rowHeight = 26.0
    /// Faults at the same time stand one under the other, in so many rows.
    private static let laneLimit = 4
    /// A letter of a label is about as wide, in pixels.
    private static let letter = 6.7

    private var rows: [Row] {
        var rows = [Row(name: "leader", style: "leader", spans: run.leaders)]
        rows.append(Row(name: "outages", style: "outage", spans: run.outages))
        if !run.states.isEmpty { rows.append(Row(name: "pipeline", style: "state", spans: run.states)) }
        for (index, lane) in Self.lanes(run.faults).enumerated() {
            rows.append(Row(name: index == 0 ? "faults" : "", style: "fault", spans: lane))
        }
        if !run.connectorStarts.isEmpty {
            rows.append(Row(name: "restarts", style: "connector", spans: run.connectorStarts))
        }
        return rows
    }

    /// The faults in as few rows as keep those apart that lasted at the same time.
    static func lanes(_ faults: [RunTimeline.Fault]) -> [[RunTimeline.Span]] {
        var lanes: [[RunTimeline.Span]] = []
        for fault in faults {
            var span = fault.span
            span.short = "\(fault.number)"
            span.label = "\(fault.number) \(span.label)"
            if let free = lanes.firstIndex(where: { $0.last?.to ?? 0 <= span.from }) {
                lanes[free].append(span)
            } else if lanes.count < laneLimit {
                lanes.append([span])
            } else {
                lanes[laneLimit - 1].append(span)
            }
        }
        return lanes
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
                frame.text(&svg, "axis end", x: frame.left - 6, y: y + 17, row.name)
                draw(&svg, row, frame, y)
            }
        }
    }

    private func draw(_ svg: inout Markup, _ row: Row, _ frame: PlotFrame, _ y: Double) {
        // More than there are pixels can't be told apart.
        let spans = row.spans.prefix(Int(frame.width))
        for (index, span) in spans.enumerated() {
            let (from, to) = (frame.time(span.from), frame.time(span.to))
            let state =
                row.style == "state"
                ? " " + String(span.label.lowercasedASCII.unicodeScalars.filter { "a"..."z" ~= $0 }) : ""
            frame.rect(
                &svg,
                "span \(row.style)\(index.isMultiple(of: 2) ? "" : " odd")\(state)",
                x: from,
                y: y + 3,
                width: max(to - from, 3),
                height: Self.rowHeight - 6
            )
        }
        // What has no room for its label is in the list below.
        var free = frame.left
        for (index, span) in spans.enumerated() {
            let (from, to) = (frame.time(span.from), frame.time(span.to))
            let next = index + 1 < spans.count ? frame.time(spans[index + 1].from) : frame.right
            let isBounded = row.style == "leader" || row.style == "state"
            let room = (isBounded ? to : max(next, to)) - from
            if let label = [span.label, span.short].first(where: { !$0.isEmpty && Self.width($0) <= room }) {
                frame.text(&svg, "span-label", x: from + 5, y: y + 17, label)
                free = max(to, from + Self.width(label))
            } else if !isBounded, from - Self.width(span.label) >= free {
                frame.text(&svg, "span-label end", x: from - 4, y: y + 17, span.label)
                free = to
            } else {
                free = max(free, to)
            }
        }
    }

    private static func width(_ label: String) -> Double { Double(label.width) * letter + 9 }
}
