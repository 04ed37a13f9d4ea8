package import Model

/// What one check found.
package struct CheckResult: Sendable, Equatable {
    /// The worse one wins: pass, unknown, fail.
    package enum Status: Int, Sendable, Comparable {
        case pass, unknown, fail

        package static func < (left: Status, right: Status) -> Bool { left.rawValue < right.rawValue }
    }

    package var name: String
    package var status: Status
    /// How many things were found where something was, else how many were looked at.
    package var count: Int
    /// What is wrong, in a few words with the keys; empty where nothing is.
    package var headline: String = ""
    /// One line each, capped.
    package var examples: [String] = []
    /// What is worth knowing although it breaks nothing.
    package var notes: [String] = []
    /// All that was found in rows, the kinds in the check's order, of each kind the largest first.
    package var anomalies: [Anomaly] = []

    package init(
        name: String,
        status: Status,
        count: Int,
        headline: String = "",
        examples: [String] = [],
        notes: [String] = [],
        anomalies: [Anomaly] = []
    ) {
        (self.name, self.status, self.count, self.headline) = (name, status, count, headline)
        (self.examples, self.notes, self.anomalies) = (examples, notes, anomalies)
    }
}

/// One thing that a check found: a token of a row, or the row itself.
package struct Anomaly: Sendable, Equatable {
    package var kind: String
    package var row: RowID
    /// The value that it is about, `nil` where there is none.
    package var token: Token?
    /// How many tokens it stands for.
    package var count: Int
    package var text: String
}

/// The rows or tokens of one kind that a check found.
package struct Finding: Sendable {
    /// Findings beyond this many are only counted, unless all are asked for.
    package static let exampleLimit = 8

    /// A name for programs, such as `lost-at-source`.
    package let kind: String
    package private(set) var count = 0
    package private(set) var anomalies: [Anomaly] = []

    package init(_ kind: String) {
        self.kind = kind
    }

    package var isEmpty: Bool { count == 0 }

    package var examples: [String] { anomalies.prefix(Self.exampleLimit).map(\.text) }

    /// Adds what was found in one row.
    package mutating func add(_ row: RowID, _ token: Token? = nil, count: Int = 1, _ text: String) {
        self.count += count
        anomalies.append(Anomaly(kind: kind, row: row, token: token, count: count, text: text))
    }

    /// `3 acknowledged writes lost (keys 17, 201, 344)`.
    package func headline(_ one: String, _ many: String) -> String {
        var keys: [RowID] = []
        var seen: Set<RowID> = []
        for anomaly in anomalies where seen.insert(anomaly.row).inserted { keys.append(anomaly.row) }
        let shown = keys.prefix(Self.exampleLimit)
        let list = shown.map(\.description).joined(separator: ", ")
        let more = shown.count == keys.count ? "" : " and \(keys.count - shown.count) more"
        let noun = keys.count == 1 ? "key" : "keys"
        return "\(count.grouped) \(count == 1 ? one : many) (\(noun) \(list)\(more))"
    }
}

extension CheckResult {
    /// A check that fails with every finding that is not empty, in the order given, or passes.
    package init(
        _ name: String,
        lookedAt count: Int,
        findings: [(finding: Finding, one: String, many: String)],
        notes: [String] = []
    ) {
        let found = findings.filter { !$0.finding.isEmpty }
        self.init(
            name: name,
            status: found.isEmpty ? .pass : .fail,
            count: found.isEmpty ? count : found.reduce(0) { $0 + $1.finding.count },
            headline: found.map { $0.finding.headline($0.one, $0.many) }.joined(separator: "; "),
            examples: Array(found.flatMap(\.finding.examples).prefix(Finding.exampleLimit)),
            notes: notes,
            anomalies: found.flatMap {
                $0.finding.anomalies.sorted { ($1.count, $0.row) < ($0.count, $1.row) }
            }
        )
    }
}
