import FoundationEssentials
import Histogram

extension WatchSnapshot {
    /// The interval as one line of text.
    var line: String {
        var text = "\(Self.clock(wall)) lag "
        // Nothing became visible: a number from the past would hide that it stands still.
        let shown = endToEnd.stage.interval
        let waiting = endToEnd.stage.waiting
        text += "p50=\(Self.compact(shown?.p50 ?? waiting)) p99=\(Self.compact(shown?.p99 ?? waiting)) "
        text += "max=\(Self.compact([shown?.max, waiting].compactMap { $0 }.max())) "
        text += "capture=\(Self.compact(capture.current)) apply=\(Self.compact(apply.current)) "
        text += "behind=\(queueRecords.map(String.init) ?? "?") "
        if let sourceBytes { text += "bytes=\(sourceBytes.asBytes) " }
        if let retained = slot?.retainedBytes { text += "slot=\(retained.asBytes) " }
        if let notReady, !notReady.isEmpty {
            text += "notready=\"\(notReady.joined(separator: ",").onOneLine)\" "
        }
        if let versionsBehind { text += "versions=\(versionsBehind) " }
        // Before the first step of a comparison nobody knows.
        text += divergence.isKnown ? "divergent=\(divergence.total)\(kinds) maybe=\(divergence.maybe) " : ""
        text += "state=\(state.rawValue)"
        if let still { text += " still=\(Self.compact(still))" }
        if let reason { text += " reason=\"\(reason.onOneLine)\"" }
        return text
    }

    private var kinds: String {
        let parts = divergence.rows.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
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
