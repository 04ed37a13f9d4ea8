import FoundationEssentials
import Histogram

/// A picture of a watched pipeline in text, for a terminal of a given size; pure.
struct LiveScreen: Sendable {
    private let snapshot: WatchSnapshot
    private let series: WatchSeries
    private let verdict: WatchDocument.Verdict?
    private let columns: Int
    private let rows: Int

    init(_ document: WatchDocument, columns: Int, rows: Int) {
        (snapshot, series, verdict) = (document.snapshot, document.series, document.verdict)
        (self.columns, self.rows) = (max(40, columns), max(10, rows))
    }

    /// The screen's lines, each no longer than the terminal is wide.
    var text: String {
        var lines = head + lags + [""] + rates + [""] + strip + [""] + partitions + parts + faults
        if lines.count > rows { lines = Array(lines.prefix(rows)) }
        return lines.joined(separator: "\n")
    }

    private var head: [String] {
        let colour: Style =
            switch snapshot.condition.state {
            case .ok: .green
            case .lagging: .yellow
            case .stalled, .stopped, .rewound: .red
            }
        let leader = snapshot.surroundings.leader.map {
            "leader \($0.name)\($0.timeline.map { " timeline \($0)" } ?? "")"
        }
        var lines = [
            styled(" \(snapshot.condition.state.rawValue) ", colour) + "  "
                + fit("\(leader ?? "no leader")   \(clock(snapshot.span.wall)) UTC", columns - 14)
        ]
        let still = snapshot.condition.still.map { "nothing came through for \($0.asDuration)" }
        let reasons = [still, snapshot.condition.reason?.onOneLine].compactMap(\.self)
        lines.append(fit(reasons.joined(separator: ": "), columns))
        if let verdict { lines.append(fit("last verdict \(verdict.firstLine.onOneLine)", columns)) }
        return lines
    }

    private var lags: [String] {
        let points = series.points
        func row(_ name: String, _ stage: WatchSnapshot.Stage, _ values: [UInt64?]) -> String {
            let window = stage.window
            let now = stage.current.map(\.asDuration) ?? "-"
            let numbers = [window?.p50, window?.p99, window?.max].map { $0?.asDuration ?? "-" }
            return bars(name, now, numbers, values.map { $0.map(Double.init) }, isLogarithmic: true)
        }
        return [
            styled(bars("lag", "now", ["p50", "p99", "max"], [], isLogarithmic: false), .bold),
            row("end to end", snapshot.stages.endToEnd.stage, points.map(\.endToEnd)),
            row("capture", snapshot.stages.capture, points.map(\.capture)),
            row("apply", snapshot.stages.apply, points.map(\.apply)),
            bars(
                "queue",
                snapshot.backlog.queueRecords.map(String.init) ?? "?",
                [snapshot.backlog.queueAge.map(\.asDuration) ?? "-", "", ""],
                points.map { $0.queue.map(Double.init) },
                isLogarithmic: false
            ),
            bars(
                "bytes",
                snapshot.backlog.sourceBytes.map(\.asBytes) ?? "?",
                ["", "", ""],
                points.map { $0.bytes.map(Double.init) },
                isLogarithmic: false
            ),
            bars(
                "slot",
                snapshot.flow.slot?.retainedBytes.map(\.asBytes) ?? "?",
                [
                    snapshot.flow.slot?.walStatus ?? "",
                    snapshot.flow.slot.map { $0.isActive ? "active" : "idle" } ?? "", "",
                ],
                points.map { $0.slot.map(Double.init) },
                isLogarithmic: false
            ),
        ]
    }

    private var rates: [String] {
        func rate(_ name: String, _ now: Double?, _ values: [Double?]) -> String {
            bars(name, now.map { "\(Int($0))/s" } ?? "?", ["", "", ""], values, isLogarithmic: false)
        }
        let kinds = snapshot.rows.divergence.rows.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let total = snapshot.rows.divergence.total
        var divergence = snapshot.rows.divergence.isKnown ? "\(total) rows" : "not compared yet"
        if !kinds.isEmpty { divergence += " (\(kinds.joined(separator: ", ")))" }
        divergence += ", maybe \(snapshot.rows.divergence.maybe)"
        if let seconds = snapshot.rows.divergence.passSeconds {
            divergence += "; all compared in \(seconds) s"
        }
        let clocks = snapshot.surroundings.clocks.map { "\($0.server) \($0.offset) µs ± \($0.error)" }
        return [
            rate("captured", snapshot.flow.rates.captured, series.points.map(\.captured)),
            rate("applied", snapshot.flow.rates.applied, series.points.map(\.applied)),
            fit("divergence  \(divergence)", columns),
            fit("clocks      \(clocks.joined(separator: ", "))", columns),
        ]
    }

    /// Who led when, a letter a point, and below it the state.
    private var strip: [String] {
        let width = columns - 12
        let points = series.points.suffix(width)
        var names: [String] = []
        let letters = points.map { point -> Character in
            guard let reign = series.reigns.last(where: { $0.from <= point.wall }), let leader = reign.leader
            else { return "·" }
            let name = "\(leader.name)\(leader.timeline.map { " timeline \($0)" } ?? "")"
            if !names.contains(name) { names.append(name) }
            return Character(UnicodeScalar(UInt8(65 + (names.firstIndex(of: name) ?? 0) % 26)))
        }
        let states = points.map { point -> Character in
            switch point.state {
            case .ok: "="
            case .lagging: "~"
            case .stalled: "s"
            case .stopped: "x"
            case .rewound: "<"
            }
        }
        let legend = names.enumerated().map {
            "\(Character(UnicodeScalar(UInt8(65 + $0.offset % 26))))=\($0.element)"
        }
        return [
            "leader      " + String(letters), "state       " + String(states),
            fit(
                "            \(legend.joined(separator: " "))  =OK ~LAGGING sSTALLED xSTOPPED <REWOUND",
                columns
            ),
        ]
    }

    private var partitions: [String] {
        snapshot.flow.partitions.map { place in
            let waiting = place.waiting.map { ", the oldest for \($0.asDuration)" } ?? ""
            let behind = place.behind.map(String.init) ?? "?"
            return fit("partition \(place.partition)  \(behind) behind\(waiting)", columns)
        }
    }

    private var parts: [String] {
        snapshot.surroundings.parts.map { part in
            fit("\(part.name.onOneLine)  \(part.state.onOneLine)  \(part.failure?.onOneLine ?? "")", columns)
        }
    }

    private var faults: [String] {
        series.faults.suffix(5).reversed().map { fault in
            let end = fault.through.map { $0 == fault.from ? "" : " until \(clock($0))" } ?? " and lasts"
            return fit("fault  \(clock(fault.from))\(end)  \(fault.text.onOneLine)", columns)
        }
    }

    private func bars(
        _ name: String,
        _ now: String,
        _ numbers: [String],
        _ values: [Double?],
        isLogarithmic: Bool
    ) -> String {
        let text = pad(name, 11) + pad(now, 10) + numbers.map { pad($0, 9) }.joined()
        let width = columns - text.width
        guard width > 3 else { return fit(text, columns) }
        return text + Sparkline.text(values, width: width, isLogarithmic: isLogarithmic)
    }

    private func pad(_ foreign: String, _ width: Int) -> String {
        let text = foreign.visible
        return text.width >= width ? text + " " : text.padded(to: width)
    }

    /// What servers call themselves and why they fail is foreign: nothing of it steers the terminal.
    private func fit(_ foreign: String, _ width: Int) -> String {
        let text = foreign.visible
        return text.width <= width ? text : text.cut(toWidth: width - 1) + "…"
    }

    private func clock(_ wall: Int64) -> String {
        Date(timeIntervalSince1970: Double(wall) / 1_000_000)
            .formatted(.iso8601.time(includingFractionalSeconds: false))
    }

    private enum Style: String {
        case green = "30;42"
        case yellow = "30;43"
        case red = "97;41"
        case bold = "1"
    }

    /// Without colours where `NO_COLOR` asks for it; the words say the same.
    private func styled(_ text: String, _ style: Style) -> String {
        if ProcessInfo.processInfo.environment["NO_COLOR"]?.isEmpty == false { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }
}
