import Histogram
import Evidence
import Model
import Tables

/// All that is known about one token: who wrote it where, what became of it, and where it was seen.
///
/// More than twelve properties: each is a part of the sentence that the report prints.
struct TokenStory: Sendable, Equatable, Encodable {
    /// Where an event of the topic carries it.
    struct Place: Sendable, Equatable, Encodable {
        var topic: String
        var partition: Int32
        var offset: Int64
        /// `nil` where the event does not say.
        var lsn: String?
    }

    var key: Int64
    var token: Int64
    /// `writer`, `marker`, `before history`, `not recorded` or `nobody`.
    var origin: String
    var worker: Int?
    var node: String?
    var timeline: UInt32?
    /// Microseconds since 1970.
    var invokedAt: Int64?
    /// From the intent to the outcome.
    var microseconds: UInt64?
    /// `ok`, `fail`, `info`, `open`, `settled ok` or `settled fail`.
    var outcome: String?
    var failure: String?
    var settled: String?
    var topic: [Place] = []
    /// What the row holds, `nil` where there is none.
    var source: Int64?
    var destination: Int64?

    /// The story of a token of a row.
    init(_ token: Token, of row: RowID, _ evidence: Evidence, _ facts: Facts) {
        (key, self.token) = (row.rawValue, token.rawValue)
        switch evidence.journal.table.origin(of: token, in: row) {
        case .attempt(let attempt):
            origin = "writer"
            (worker, node, timeline) = (attempt.worker, attempt.node, attempt.timeline.rawValue)
            invokedAt = attempt.invokedAt
            microseconds = attempt.ended.map { ($0 - min($0, attempt.invoked)) / 1_000 }
            outcome = attempt.outcome.name
            (failure, settled) = (attempt.failure, attempt.settlement)
        case .fence: origin = "marker"
        case .beforeHistory: origin = "before history"
        case .unrecorded: origin = "not recorded"
        case .foreign: origin = "nobody"
        }
        let partition = evidence.topic.partitionOfRow[row] ?? 0
        topic = (facts.events[row] ?? []).filter { $0.setsValue && $0.value == token }.map { event in
            Place(
                topic: evidence.topic.topic,
                partition: partition,
                offset: event.offset,
                lsn: event.lsn.rawValue == 0 ? nil : event.lsn.description
            )
        }
        source = evidence.source.rows[row]?.value.rawValue
        destination = evidence.destination.rows[row]?.value.rawValue
    }

    /// The story as one sentence.
    var sentence: String {
        var parts: [String] = []
        if let worker, let node, let timeline {
            parts.append("worker \(worker) sent it to \(node) on timeline \(timeline)")
        } else {
            parts.append(origin == "nobody" ? "nobody wrote it" : "written by: \(origin)")
        }
        if let outcome {
            let time = microseconds.map { " after \($0.asDuration)" } ?? ""
            parts.append("\(outcome)\(time)\(failure.map { " (\($0))" } ?? "")")
        }
        if let settled { parts.append("settled: \(settled)") }
        if topic.isEmpty {
            parts.append("not in the topic")
        } else {
            let places = topic.prefix(3).map {
                "\($0.partition)/\($0.offset)\($0.lsn.map { " at \($0)" } ?? "")"
            }
            let more = topic.count > 3 ? " and \(topic.count - 3) more" : ""
            parts.append("topic partition/offset \(places.joined(separator: ", "))\(more)")
        }
        parts.append("source holds \(source.map(String.init) ?? "no row")")
        parts.append("destination holds \(destination.map(String.init) ?? "no row")")
        return parts.joined(separator: "; ")
    }
}

extension Attempt.Outcome {
    /// The word for it in a report.
    var name: String {
        switch self {
        case .open: "open"
        case .ok: "ok"
        case .fail: "fail"
        case .info: "info"
        case .settledOk: "settled ok"
        case .settledFail: "settled fail"
        }
    }
}
