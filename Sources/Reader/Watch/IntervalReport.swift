import Foundation
import Shared

/// What one interval saw.
struct IntervalReport: Sendable {
    /// Lags of the writes that became visible in it.
    var lag: LatencyHistogram
    /// Ages of the writes that are not visible at its end.
    var waiting: LatencyHistogram
    var divergent: [DivergenceTracker.Kind: Int]
    /// Rows that differ, and may only be on their way.
    var maybe: Int
    var seen: Observation

    var divergentCount: Int { divergent.values.reduce(0, +) }

    /// The interval as one line of text.
    func line(wall: Int64, _ state: PipelineState, _ reason: String?) -> String {
        // Nothing became visible: a number from the past would hide that it stands still.
        let shown = lag.isEmpty ? waiting : lag
        let maximum = max(lag.maximum, waiting.maximum)
        var text = "\(Self.clock(wall)) lag p50=\(shown.percentile(50).compact) "
        text += "p99=\(shown.percentile(99).compact) max=\(maximum.compact) "
        text += "behind=\(seen.recordsBehind.map(String.init) ?? "?") "
        text += "divergent=\(divergentCount)\(kinds) maybe=\(maybe) state=\(state.rawValue)"
        if let reason { text += " reason=\"\(reason)\"" }
        return text
    }

    /// The interval as a line of the history.
    func sample(_ state: PipelineState) -> HistoryLine.LagSample {
        HistoryLine.LagSample(
            buckets: lag.buckets.map { .init(microseconds: $0.microseconds, count: $0.count) },
            recordsBehind: seen.recordsBehind,
            divergentRows: divergentCount,
            state: state.rawValue
        )
    }

    private var kinds: String {
        let parts = DivergenceTracker.Kind.allCases.compactMap { kind in
            divergent[kind].map { "\(kind.rawValue):\($0)" }
        }
        return parts.isEmpty ? "" : "(\(parts.joined(separator: ",")))"
    }

    /// The time of day in UTC, with milliseconds.
    private static func clock(_ wall: Int64) -> String {
        Date(timeIntervalSince1970: Double(wall) / 1_000_000)
            .formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
    }
}

extension UInt64 {
    /// A number of microseconds in one word.
    fileprivate var compact: String { asDuration.replacing(" ", with: "") }
}
