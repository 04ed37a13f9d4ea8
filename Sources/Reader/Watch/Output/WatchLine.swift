import FoundationEssentials
import Histogram

extension WatchSnapshot {
    /// The interval as one line of text.
    var line: String {
        var text = "\(Self.clock(span.wall)) lag "
        // Nothing became visible: a number from the past would hide that it stands still.
        let shown = stages.endToEnd.stage.interval
        let waiting = stages.endToEnd.stage.waiting
        text += "p50=\(Self.compact(shown?.p50 ?? waiting)) p99=\(Self.compact(shown?.p99 ?? waiting)) "
        text += "max=\(Self.compact([shown?.max, waiting].compactMap { $0 }.max())) "
        text += "capture=\(Self.compact(stages.capture.current)) apply=\(Self.compact(stages.apply.current)) "
        text += "behind=\(backlog.queueRecords.map(String.init) ?? "?") "
        if let sourceBytes = backlog.sourceBytes { text += "bytes=\(sourceBytes.asBytes) " }
        if let retained = flow.slot?.retainedBytes { text += "slot=\(retained.asBytes) " }
        if let notReady = surroundings.notReady, !notReady.isEmpty {
            text += "notready=\"\(notReady.joined(separator: ",").onOneLine)\" "
        }
        if let versionsBehind = backlog.versionsBehind { text += "versions=\(versionsBehind) " }
        // Before the first step of a comparison nobody knows.
        text +=
            rows.divergence.isKnown
            ? "divergent=\(rows.divergence.total)\(kinds) maybe=\(rows.divergence.maybe) " : ""
        text += "state=\(condition.state.rawValue)"
        if let still = condition.still { text += " still=\(Self.compact(still))" }
        if let reason = condition.reason { text += " reason=\"\(reason.onOneLine)\"" }
        return text
    }

    private var kinds: String {
        let parts = rows.divergence.rows.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
        return parts.isEmpty ? "" : "(\(parts.joined(separator: ",")))"
    }

    private static func compact(_ microseconds: UInt64?) -> String {
        guard let microseconds else { return "-" }
        return microseconds.asDuration.replacingScalars(" ", with: "")
    }

    /// The time of day in UTC, with milliseconds.
    private static func clock(_ wall: Int64) -> String {
        Date(timeIntervalSince1970: Double(wall) / 1_000_000)
            .formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
    }
}

extension Int64 {
    /// A number of bytes as a person reads it: `512B`, `1.4MB`.
    var asBytes: String {
        var value = Double(self)
        for unit in ["B", "kB", "MB", "GB"] {
            if value < 1_000 || unit == "GB" {
                guard unit != "B" else { return "\(self)B" }
                let tenths = Int64((value * 10).rounded())
                return "\(tenths / 10).\(tenths % 10)\(unit)"
            }
            value /= 1_000
        }
        return "\(self)B"
    }
}

extension String {
    /// Foreign text as one line without quotes or anything that a terminal obeys.
    var onOneLine: String { replacingScalars("\"", with: "'").visible }
}
