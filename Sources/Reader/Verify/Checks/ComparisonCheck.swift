import Evidence
import Model
import Tables

/// Whether source and destination hold the same rows.
struct ComparisonCheck: Check {
    let name = "source equals destination"
    let judgesWithoutFence = false

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        let (source, destination) = (evidence.source.rows, evidence.destination.rows)
        var differences = Differences()
        for row in Set(source.keys).union(destination.keys).sorted() {
            differences.compare(row, expected: source[row], found: destination[row])
        }
        let events = facts.events
        for marked in evidence.fence.rows {
            // The touch has made this row right again, so it is judged by what it held before: the last
            // event that the sink had applied then.
            let applied = (events[marked.row] ?? []).filter { $0.offset < marked.nextOffsetBefore }
            guard let last = applied.last else { continue }
            differences.compare(
                marked.row,
                expected: last.setsValue ? .init(last.value) : nil,
                found: marked.destinationBefore.map { .init($0) },
                remark: " before the marker was put on it"
            )
        }
        var notes = differences.blame(events, destination)
        for (side, table) in [("source", evidence.source), ("destination", evidence.destination)]
        where !table.unmatchedColumns.isEmpty {
            let names = table.unmatchedColumns.joined(separator: ", ")
            notes.append("not compared, only the \(side) has them: columns \(names)")
        }
        return CheckResult(name, lookedAt: source.count, findings: differences.findings, notes: notes)
    }
}

/// Rows that are not the same on both sides, by what is wrong with the destination's.
private struct Differences {
    private var missing = Finding("missing-row")
    private var extra = Finding("extra-row")
    private var behind = Finding("row-behind")
    private var ahead = Finding("row-ahead")
    private var different = Finding("row-different")
    private var rows: [RowID] = []

    mutating func compare(
        _ row: RowID,
        expected: TableContent.Row?,
        found: TableContent.Row?,
        remark: String = ""
    ) {
        switch (expected, found) {
        case (nil, nil): return
        case (let expected?, nil):
            missing.add(
                row,
                expected.value,
                "key \(row) (\(expected.value)) is missing in the destination\(remark)"
            )
        case (nil, let found?):
            extra.add(row, found.value, "key \(row) (\(found.value)) is only in the destination\(remark)")
        case (let expected?, let found?):
            guard expected != found else { return }
            let values = "key \(row): destination \(found.value), source \(expected.value)\(remark)"
            if found.value < expected.value {
                behind.add(row, expected.value, values)
            } else if found.value > expected.value {
                ahead.add(row, found.value, values)
            } else {
                different.add(
                    row,
                    found.value,
                    "key \(row): same value \(found.value), other columns differ\(remark)"
                )
            }
        }
        rows.append(row)
    }

    var findings: [(finding: Finding, one: String, many: String)] {
        [
            (missing, "row missing in the destination", "rows missing in the destination"),
            (extra, "extra row in the destination", "extra rows in the destination"),
            (behind, "row behind the source", "rows behind the source"),
            (ahead, "row ahead of the source", "rows ahead of the source"),
            (different, "row different from the source", "rows different from the source"),
        ]
    }

    /// Says on which side of the topic the differences arose.
    func blame(
        _ events: [RowID: [TopicContent.Event]],
        _ destination: [RowID: TableContent.Row]
    ) -> [String] {
        guard !rows.isEmpty else { return [] }
        let faithful = rows.filter { row in
            guard let last = events[row]?.last else { return false }
            return last.setsValue ? destination[row]?.value == last.value : destination[row] == nil
        }
        let others = rows.count - faithful.count
        var notes: [String] = []
        if faithful.count > 0 {
            notes.append(
                "\(faithful.count) of them hold what the topic said last: it went wrong before the topic"
            )
        }
        if others > 0 {
            notes.append(
                "\(others) of them do not hold what the topic said last: it went wrong after the topic"
            )
        }
        return notes
    }
}
