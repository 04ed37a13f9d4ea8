import Histogram
import History
import Evidence
import Model

/// What happened when, for the drawings; judges nothing.
///
/// Times are seconds since the run's begin.
struct RunTimeline: Sendable {
    /// How an attempt ended, as far as a drawing shows it.
    enum Outcome: Int, CaseIterable, Sendable {
        case ok, fail, unknown

        init(_ outcome: Attempt.Outcome) {
            switch outcome {
            case .ok: self = .ok
            case .fail: self = .fail
            case .info, .open, .settledOk, .settledFail: self = .unknown
            }
        }

        var name: String {
            switch self {
            case .ok: "acknowledged"
            case .fail: "failed"
            case .unknown: "outcome unknown"
            }
        }
    }

    struct Write: Sendable, Equatable {
        var at: Double
        /// Microseconds from the intent to the outcome.
        var latency: Double
        var outcome: Outcome
    }

    /// A part of the run in which something was so.
    struct Span: Sendable, Equatable {
        var from: Double
        var to: Double
        var label: String
        /// Where the label has little room; empty where there is no shorter one.
        var short = ""
    }

    struct Fault: Sendable, Equatable {
        var number: Int
        var span: Span
        var isOpen: Bool
    }

    struct Lag: Sendable {
        var at: Double
        var state: String
        var histogram: LatencyHistogram
        var recordsBehind: Int64?
    }

    /// When it began, in microseconds since 1970; 0 where nothing happened.
    private(set) var beganAt: Int64 = 0
    private(set) var seconds: Double = 0
    private(set) var writes: [Write] = []
    private(set) var lag: [Lag] = []
    /// Who led, by the writer's sessions.
    private(set) var leaders: [Span] = []
    /// Times without an acknowledged write.
    private(set) var outages: [Span] = []
    private(set) var states: [Span] = []
    private(set) var faults: [Fault] = []
    private(set) var connectorStarts: [Span] = []

    init(_ journal: Journal) {
        let attempts = journal.attempts.values.joined()
        let moments = attempts.lazy.flatMap { [$0.invoked, $0.ended ?? $0.invoked] }
        let others = journal.lagSamples.map(\.monotonic) + journal.faults.map(\.began)
        let starts = [moments.min(), others.min()].compactMap(\.self)
        let ends = [moments.max(), others.max(), journal.faults.compactMap(\.ended).max()].compactMap(\.self)
        guard let begin = starts.min(), let end = ends.max() else { return }
        func relative(_ moment: UInt64) -> Double { Double(moment - min(moment, begin)) / 1e9 }
        seconds = relative(end)
        if let first = attempts.min(by: { $0.invoked < $1.invoked }) {
            beganAt = first.invokedAt - Int64((first.invoked - begin) / 1_000)
        } else if let first = journal.faults.first {
            beganAt = first.beganAt - Int64((first.began - begin) / 1_000)
        }
        writes = attempts.compactMap { attempt in
            attempt.ended.map {
                Write(
                    at: relative($0),
                    latency: Double(($0 - min($0, attempt.invoked)) / 1_000),
                    outcome: Outcome(attempt.outcome)
                )
            }
        }
        leaders = Self.leaders(attempts.map { ($0.invoked, $0.timeline, $0.node) }, relative)
        outages = RunSummary(journal).outages.map {
            Span(from: relative($0.began), to: relative($0.ended), label: $0.microseconds.asDuration)
        }
        faults = journal.faults.enumerated().map { index, fault in
            let span = Span(
                from: relative(fault.began),
                to: fault.ended.map(relative) ?? seconds,
                label: fault.description
            )
            return Fault(number: index + 1, span: span, isOpen: fault.ended == nil)
        }
        connectorStarts = journal.connector.marks.map {
            Span(from: relative($0.monotonic), to: relative($0.monotonic), label: $0.text)
        }
        lag = journal.lagSamples.map { monotonic, sample in
            var histogram = LatencyHistogram()
            for bucket in sample.buckets {
                histogram.record(microseconds: bucket.microseconds, count: bucket.count)
            }
            return Lag(
                at: relative(monotonic),
                state: sample.state,
                histogram: histogram,
                recordsBehind: sample.recordsBehind
            )
        }
        states = Self.states(lag)
    }

    private static func leaders(
        _ sessions: [(at: UInt64, timeline: Timeline, node: String)],
        _ relative: (UInt64) -> Double
    ) -> [Span] {
        var spans: [Timeline: (first: UInt64, last: UInt64, node: String)] = [:]
        for (at, timeline, node) in sessions {
            guard let known = spans[timeline] else {
                spans[timeline] = (at, at, node)
                continue
            }
            spans[timeline] = (min(known.first, at), max(known.last, at), known.node)
        }
        return spans.sorted { $0.key < $1.key }.map { timeline, span in
            Span(
                from: relative(span.first),
                to: relative(span.last),
                label: "timeline \(timeline) · \(span.node)",
                short: "TL \(timeline)"
            )
        }
    }

    /// One span for as long as the state stays: an interval lasts from the sample before it.
    private static func states(_ lag: [Lag]) -> [Span] {
        var spans: [Span] = []
        for (index, sample) in lag.enumerated() {
            let from = index > 0 ? lag[index - 1].at : max(0, sample.at - 1)
            if let last = spans.last, last.label == sample.state {
                spans[spans.count - 1].to = sample.at
            } else {
                spans.append(Span(from: from, to: sample.at, label: sample.state))
            }
        }
        return spans
    }
}
