import Tables

/// Whether source and destination hold the same rows.
struct ComparisonCheck: Check {
    let name = "source equals destination"
    let judgesWithoutFence = false

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        let (source, destination) = (evidence.source.rows, evidence.destination.rows)
        var differences = Differences()
        for id in Set(source.keys).union(destination.keys).sorted() {
            differences.compare(id, expected: source[id], found: destination[id])
        }
        let events = facts.events
        for row in evidence.fencedRows {
            // The touch has made this row right again, so it is judged by what it held before: the last
            // event that the sink had applied then.
            let applied = (events[row.id] ?? []).filter { $0.offset < row.nextOffsetBefore }
            guard let last = applied.last else { continue }
            differences.compare(
                row.id,
                expected: last.setsValue ? .init(last.value) : nil,
                found: row.destinationBefore.map { .init($0) },
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
    private var ids: [Int64] = []

    mutating func compare(
        _ id: Int64,
        expected: TableContent.Row?,
        found: TableContent.Row?,
        remark: String = ""
    ) {
        switch (expected, found) {
        case (nil, nil): return
        case (let expected?, nil):
            missing.add(
                id,
                expected.value,
                "key \(id) (\(expected.value)) is missing in the destination\(remark)"
            )
        case (nil, let found?):
            extra.add(id, found.value, "key \(id) (\(found.value)) is only in the destination\(remark)")
        case (let expected?, let found?):
            guard expected != found else { return }
            let values = "key \(id): destination \(found.value), source \(expected.value)\(remark)"
            if found.value < expected.value {
                behind.add(id, expected.value, values)
            } else if found.value > expected.value {
                ahead.add(id, found.value, values)
            } else {
                different.add(
                    id,
                    found.value,
                    "key \(id): same value \(found.value), other columns differ\(remark)"
                )
            }
        }
        ids.append(id)
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
        _ events: [Int64: [TopicContent.Event]],
        _ destination: [Int64: TableContent.Row]
    ) -> [String] {
        guard !ids.isEmpty else { return [] }
        let faithful = ids.filter { id in
            guard let last = events[id]?.last else { return false }
            return last.setsValue ? destination[id]?.value == last.value : destination[id] == nil
        }
        let others = ids.count - faithful.count
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
