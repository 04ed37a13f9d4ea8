import History
import Model

/// Every attempt of a history by the rows that it changes: from it and from what the rows hold follows what is lost.
///
/// Each attempt names the value that it expects, and no value comes twice. So the values of a row are a chain: from
/// the one that it holds now back through what each was written over. An acknowledged attempt that is not in the
/// chain is lost, also where others wrote over the gap later.
struct Ledger: Sendable {
    struct Row: Sendable, Hashable {
        var table: String
        var id: Int64
    }

    /// What an attempt did to one row, or a marker of the reader's.
    private struct Link: Sendable {
        var token: Int64
        var before: Int64?
        var after: Int64?
    }

    private var links: [Row: [Link]] = [:]
    private var outcomes: [Int64: Outcome] = [:]
    /// How many rows the attempts of more than one change.
    private var widths: [Int64: Int] = [:]
    private(set) var tables: Set<String> = []
    /// Tokens of attempts that also left an event in the outbox.
    private(set) var outboxTokens: Set<Int64> = []

    /// Takes an attempt, whose outcome is unknown until `end`.
    mutating func invoke(_ attempt: HistoryLine.Attempt) {
        let (token, changes) = (attempt.name.token.rawValue, attempt.changes)
        for change in changes {
            links[Row(table: attempt.table, id: change.id), default: []].append(
                Link(token: token, before: change.before, after: change.after)
            )
        }
        tables.insert(attempt.table)
        outcomes[token] = .info
        if changes.count > 1 { widths[token] = changes.count }
        if attempt.work?.operation == .outbox { outboxTokens.insert(token) }
    }

    /// Takes the outcome of an attempt.
    mutating func end(_ token: Int64, _ outcome: Outcome) {
        outcomes[token] = outcome
    }

    /// Takes a marker that the reader wrote over a row's value.
    mutating func fence(id: Int64, token: Int64, previous: Int64) {
        links[Row(table: HistoryLine.defaultTable, id: id), default: []].append(
            Link(token: token, before: previous, after: token)
        )
    }

    /// What the rows hold, compared with the attempts.
    struct Findings: Sendable, Equatable {
        /// Tokens of acknowledged attempts.
        var acknowledgedCount = 0
        /// Those of them that the rows do not hold and that were not written over in turn.
        var lost: [Int64] = []
        /// Attempts that certainly did not happen, and did.
        var contradicted: [Int64] = []
        /// Attempts of which one row has the change and another has not.
        var torn: [Int64] = []
        /// Rows that hold what no attempt wrote.
        var foreign: [Row] = []
        /// Attempts of unknown outcome that happened.
        var recovered: [Int64] = []
        /// Tokens that are in some row's chain.
        var surviving: Set<Int64> = []

        /// Whether the source holds what the history says.
        var isClean: Bool { lost.isEmpty && contradicted.isEmpty && torn.isEmpty && foreign.isEmpty }
    }

    /// Compares the rows with the attempts.
    ///
    /// - Parameter values: all rows of `tables`; a row that is not in it does not exist.
    func compare(with values: [Row: Int64]) -> Findings {
        var findings = Findings()
        var survivals: [Int64: Int] = [:]
        // A row that was made and went again looks like one that never was. Where another row's key changed to make
        // it, that row tells; a row that was inserted and deleted leaves nothing that could be lost.
        var vanished: [(creation: Int64, links: [Link])] = []
        for (row, links) in links {
            if values[row] == nil, let first = links.first, first.before == nil,
                links.contains(where: { $0.after == nil })
            {
                vanished.append((first.token, links))
                continue
            }
            guard let chain = chain(of: values[row], links) else {
                findings.foreign.append(row)
                continue
            }
            for token in chain { survivals[token, default: 0] += 1 }
        }
        // A row that a change of the key made comes after the one whose key it was.
        for (creation, links) in vanished.sorted(by: { $0.creation < $1.creation }) {
            if widths[creation] ?? 1 > 1, survivals[creation] == nil { continue }
            for token in chain(of: nil, links) ?? [] { survivals[token, default: 0] += 1 }
        }
        for (token, outcome) in outcomes {
            let (count, width) = (survivals[token] ?? 0, widths[token] ?? 1)
            if outcome == .ok { findings.acknowledgedCount += 1 }
            if count > 0 { findings.surviving.insert(token) }
            if count > 0, count < width {
                findings.torn.append(token)
            } else if outcome == .ok, count == 0 {
                findings.lost.append(token)
            } else if outcome == .fail, count > 0 {
                findings.contradicted.append(token)
            } else if outcome == .info, count > 0 {
                findings.recovered.append(token)
            }
        }
        findings.lost.sort()
        findings.contradicted.sort()
        findings.torn.sort()
        findings.recovered.sort()
        findings.foreign.sort { ($0.table, $0.id) < ($1.table, $1.id) }
        return findings
    }

    /// The tokens whose values stood in a row one after the other, ending in what it holds; `nil` where nobody wrote that.
    private func chain(of value: Int64?, _ links: [Link]) -> [Int64]? {
        var byValue: [Int64: Link] = [:]
        for link in links {
            if let after = link.after { byValue[after] = link }
        }
        var chain: [Int64] = []
        var cursor = value
        if value == nil {
            // A key that was given up never comes back: at most one of these happened.
            let ends = links.filter { $0.after == nil }
            let end = ends.first { outcomes[$0.token] == .ok } ?? ends.last { outcomes[$0.token] == .info }
            guard let end else {
                // Nothing was there at the begin either, and what was to make the row did not.
                return links.first?.before == nil ? [] : nil
            }
            chain.append(end.token)
            cursor = end.before
        } else if let value, byValue[value] == nil {
            // What the first attempts found was there before this history; 0 is how a row begins.
            return value == 0 || links.contains { $0.before == value } ? [] : nil
        }
        while let value = cursor, let link = byValue[value] {
            chain.append(link.token)
            cursor = link.before
        }
        return chain
    }
}
