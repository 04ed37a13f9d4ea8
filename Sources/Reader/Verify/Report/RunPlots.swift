import Histogram
import Model

/// The drawings of a run, one under the other on the same time axis.
struct RunPlots: Sendable {
    let run: RunTimeline
    let bins: TimeBins

    init(_ run: RunTimeline) {
        self.run = run
        bins = TimeBins(run)
    }

    /// Writes by outcome in each column.
    func throughput(_ size: PlotFrame.Size) -> Markup {
        let frame = PlotFrame("writes", size, height: 150, run)
        let rates = bins.columns.map { Double($0.total) / bins.step }
        let top = rates.max() ?? 0
        let scale = Scale(domain: 0...max(top, 1), range: (frame.floor, PlotFrame.top + 4))
        let lost = RunTimeline.Outcome.allCases.map { outcome in
            "\(bins.columns.reduce(0) { $0 + $1[outcome] }.grouped) \(outcome.name)"
        }
        return frame.svg(
            title: "Writes a second, by outcome",
            description: "\(lost.joined(separator: ", ")); at most \(Int(top).grouped) a second."
        ) { svg in
            for level in scale.ticks(about: 3) {
                frame.drawLevel(&svg, y: scale(level), label: Int(level).grouped)
            }
            for outcome in RunTimeline.Outcome.allCases {
                var path = ""
                for (index, column) in bins.columns.enumerated() where column[outcome] > 0 {
                    let below = RunTimeline.Outcome.allCases.prefix { $0 != outcome }
                        .reduce(0) { $0 + column[$1] }
                    let from = scale(Double(below) / bins.step)
                    let to = scale(Double(below + column[outcome]) / bins.step)
                    let left = frame.time(Double(index) * bins.step)
                    let width = max(frame.time(Double(index + 1) * bins.step) - left, 1)
                    path += "M\(left.coordinate) \(from.coordinate)V\(to.coordinate)h\(width.coordinate)"
                    path += "V\(from.coordinate)z"
                }
                if !path.isEmpty { svg.shape("path", ["class": "bar \(outcome)", "d": path]) }
            }
        }
    }

    /// Each write by its latency; what falls on the same place is one mark.
    func latency(_ size: PlotFrame.Size) -> Markup {
        let frame = PlotFrame("latency", size, height: 230, run)
        let latencies = run.writes.lazy.map { max($0.latency, 1) }
        let scale = Self.durations(latencies.min(), latencies.max(), frame)
        var marks: [RunTimeline.Outcome: MarkGrid] = [:]
        for write in run.writes {
            marks[write.outcome, default: MarkGrid()].add(frame.time(write.at), scale(write.latency))
        }
        let count = marks.values.reduce(0) { $0 + $1.places.count }
        let longest = latencies.max().map { UInt64($0).asDuration } ?? "none"
        return frame.svg(
            title: "Latency of each write, by outcome",
            description:
                "\(run.writes.count.grouped) writes, drawn as \(count.grouped) marks; the longest took "
                + "\(longest). The axis is logarithmic."
        ) { svg in
            for level in scale.ticks(about: 6) {
                frame.drawLevel(&svg, y: scale(level), label: level.axisDuration)
            }
            for outcome in RunTimeline.Outcome.allCases {
                guard let grid = marks[outcome] else { continue }
                let path = grid.points.map { "M\($0.x.coordinate) \($0.y.coordinate)" + outcome.mark }
                svg.shape("path", ["class": "mark \(outcome)", "d": path.joined()])
            }
        }
    }

    /// Median and longest lag of each column.
    func lag(_ size: PlotFrame.Size) -> Markup {
        let frame = PlotFrame("lag", size, height: 190, run)
        let medians = bins.columns.compactMap(\.medianLag)
        let longest = bins.columns.compactMap(\.longestLag)
        let scale = Self.durations(medians.min(), longest.max(), frame)
        return frame.svg(
            title: "Lag end to end: from the acknowledgement until the destination shows the write",
            description: "The longest was \(longest.max().map { UInt64($0).asDuration } ?? "not recorded"). "
                + "The axis is logarithmic."
        ) { svg in
            for level in scale.ticks(about: 5) {
                frame.drawLevel(&svg, y: scale(level), label: level.axisDuration)
            }
            drawLine(&svg, "longest", frame, scale, \.longestLag)
            drawLine(&svg, "median", frame, scale, \.medianLag)
        }
    }

    /// A line through the columns that have a value: nothing became visible in the others.
    private func drawLine(
        _ svg: inout Markup,
        _ name: String,
        _ frame: PlotFrame,
        _ scale: Scale,
        _ value: (TimeBins.Column) -> Double?
    ) {
        var path = ""
        for (index, column) in bins.columns.enumerated() {
            guard let value = value(column) else { continue }
            let x = frame.time((Double(index) + 0.5) * bins.step)
            path += "\(path.isEmpty ? "M" : "L")\(x.coordinate) \(scale(value).coordinate)"
        }
        if !path.isEmpty { svg.shape("path", ["class": "line \(name)", "d": path]) }
    }

    /// A logarithmic axis that begins and ends at a power of ten.
    private static func durations(_ least: Double?, _ most: Double?, _ frame: PlotFrame) -> Scale {
        var (low, high) = (1.0, 10.0)
        while low * 10 <= least ?? 100 { low *= 10 }
        while high < most ?? 1_000_000 || high <= low { high *= 10 }
        return Scale(.logarithmic, domain: low...high, range: (frame.floor, PlotFrame.top + 4))
    }
}

extension RunTimeline.Outcome {
    /// Its mark around the pen's place: told apart by its form too, not by colour alone.
    var mark: String {
        switch self {
        case .ok: "h0"
        case .fail: "m-3-3l6 6m0-6l-6 6"
        case .unknown: "m0-4l4 7h-8z"
        }
    }
}
