import Evidence
import History
import Model

/// Reads a history and says what is in it.
struct HistoryReport: Sendable {
    /// How many attempts of unknown outcome a text lists.
    private static let listLimit = 20

    let path: String
    let format: ReportFormat
    /// The database to compare with, if one is wanted.
    let source: Source?

    /// - Returns: whether the source holds what the history says; without a source, true.
    func perform(_ print: (String) -> Void) throws(WriterError) -> Bool {
        var replay = HistoryReplay(keepsAll: source != nil)
        let tornLineCount: Int
        do throws(HistoryError) {
            var reader = try HistoryReader(path)
            try reader.readNewLines { replay.replay($0) }
            tornLineCount = reader.finish()
        } catch {
            throw WriterError(.stopped, "\(error)")
        }
        let open = replay.open
        let summary = Summary(
            account: replay.account,
            length: replay.length,
            rate: replay.runs.count == 1 && replay.runs[0].rate > 0 ? replay.runs[0].rate : nil,
            leftovers: Leftovers(end: .now(), openInfoCount: open.count, backlogCount: 0),
            ongoing: replay.ongoing,
            historyPath: path,
            seed: replay.runs.last?.seed.map { UInt64(clamping: $0) },
            places: ClusterLog()
        )
        switch format {
        case .json: print(summary.json().visibleJSON)
        case .text:
            for line in summary.lines().dropFirst() { print(line) }
            print(
                "  runs        \(replay.runs.count)  faults \(replay.journal.faults.count)  torn lines \(tornLineCount)"
            )
            list(open, print)
        }
        guard let source else { return true }
        let result = try SourceCheck(source: source, journal: replay.journal).perform()
        switch format {
        case .json: print(result.json.visibleJSON)
        case .text: for line in result.lines { print(line) }
        }
        return result.isClean
    }

    private func list(_ open: [HistoryReplay.OpenAttempt], _ print: (String) -> Void) {
        guard !open.isEmpty else { return }
        print("  open        \(open.count) attempts of unknown outcome:")
        for entry in open.prefix(Self.listLimit) {
            let attempt = entry.attempt
            print(
                "    \(entry.table) \(entry.row) -> \(attempt.token)  \(attempt.node) (timeline \(attempt.timeline))"
                    + "  \(attempt.failure ?? "the program ended before the outcome")"
            )
        }
        if open.count > Self.listLimit { print("    and \(open.count - Self.listLimit) more") }
    }
}

extension SourceCheck.Result {
    /// The table of the checks, and what only the writer's own tables tell.
    var lines: [String] {
        var lines = CheckTable(findings.checks).lines { check in
            check.anomalies.prefix(Finding.exampleLimit).map(\.text)
        }
        func add(_ count: Int, _ text: String) {
            if count > 0 { lines.append("FAIL \(ReportText.count(count)) \(text)") }
        }
        add(outboxDefects, "events of the outbox do not fit their writes")
        add(bodyDefects, "large values that no attempt wrote so")
        if totalOff != 0 { lines.append("FAIL the amounts add up to \(totalOff) too much") }
        return lines
    }

    var json: String {
        let own = [
            ("outbox_defects", outboxDefects), ("body_defects", bodyDefects), ("total_off", Int(totalOff)),
        ]
        return "{" + (findings.counts + own).map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }
}
