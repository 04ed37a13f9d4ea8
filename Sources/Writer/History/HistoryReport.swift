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
        var replay = HistoryReplay(keepsLedger: source != nil)
        let tornLineCount: Int
        do throws(HistoryError) {
            var reader = try HistoryReader(path)
            try reader.readNewLines { replay.replay($0) }
            tornLineCount = reader.finish()
        } catch {
            throw WriterError(.stopped, "\(error)")
        }
        let summary = Summary(
            account: replay.account,
            length: replay.length,
            rate: replay.runs.count == 1 && replay.runs[0].rate > 0 ? replay.runs[0].rate : nil,
            leftovers: Leftovers(end: .now(), openInfoCount: replay.open.count, backlogCount: 0),
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
                "  runs        \(replay.runs.count)  faults \(replay.faultCount)  torn lines \(tornLineCount)"
            )
            list(replay.open, print)
        }
        guard let source, let ledger = replay.ledger else { return true }
        let result = try SourceCheck(source: source, ledger: ledger).perform()
        switch format {
        case .json: print(json(result).visibleJSON)
        case .text: for line in text(result) { print(line) }
        }
        return result.isClean
    }

    private func list(_ open: [Int64: HistoryReplay.OpenAttempt], _ print: (String) -> Void) {
        guard !open.isEmpty else { return }
        print("  open        \(open.count) attempts of unknown outcome:")
        for (token, entry) in open.sorted(by: { $0.key < $1.key }).prefix(Self.listLimit) {
            let session = entry.session
            print(
                "    \(entry.attempt.table) \(entry.attempt.name.id) -> \(token)"
                    + "  \(session.node) (timeline \(session.timeline))"
                    + "  \(entry.why?.reason ?? "the program ended before the outcome")"
            )
        }
        if open.count > Self.listLimit { print("    and \(open.count - Self.listLimit) more") }
    }

    private func text(_ result: SourceCheck.Result) -> [String] {
        let findings = result.findings
        var lines = [
            "  source      \(ReportText.count(findings.acknowledgedCount)) acknowledged writes looked for,"
                + " \(ReportText.count(findings.lost.count)) lost"
        ]
        func add(_ count: Int, _ text: String, _ examples: [String]) {
            guard count > 0 else { return }
            let shown = examples.prefix(5).joined(separator: ", ")
            lines.append("    \(ReportText.count(count)) \(text)" + (shown.isEmpty ? "" : ": \(shown)"))
        }
        func tokens(_ tokens: [Int64]) -> [String] { tokens.map { String($0) } }
        add(findings.lost.count, "acknowledged and not there", tokens(findings.lost))
        add(findings.contradicted.count, "failed and there", tokens(findings.contradicted))
        add(findings.torn.count, "there in one row and not in the other", tokens(findings.torn))
        add(
            findings.foreign.count,
            "rows hold what no attempt wrote",
            findings.foreign.map { "\($0.table) \($0.id)" }
        )
        add(findings.recovered.count, "of unknown outcome and there", [])
        add(result.outboxDefects, "events of the outbox do not fit their writes", [])
        add(result.bodyDefects, "large values that no attempt wrote so", [])
        if result.totalOff != 0 { lines.append("    the amounts add up to \(result.totalOff) too much") }
        return lines
    }

    private func json(_ result: SourceCheck.Result) -> String {
        let findings = result.findings
        let counts: [(String, Int)] = [
            ("acknowledged", findings.acknowledgedCount), ("lost", findings.lost.count),
            ("contradicted", findings.contradicted.count), ("torn", findings.torn.count),
            ("foreign", findings.foreign.count), ("recovered", findings.recovered.count),
            ("outbox_defects", result.outboxDefects), ("body_defects", result.bodyDefects),
            ("total_off", Int(result.totalOff)),
        ]
        return "{" + counts.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }
}
