/// What one check found.
struct CheckResult: Sendable, Equatable {
    /// The worse one wins: pass, unknown, fail.
    enum Status: Int, Sendable, Comparable {
        case pass, unknown, fail

        static func < (left: Status, right: Status) -> Bool { left.rawValue < right.rawValue }
    }

    var name: String
    var status: Status
    /// How many things were found where something was, else how many were looked at.
    var count: Int
    /// What is wrong, in a few words with the keys; empty where nothing is.
    var headline: String = ""
    /// One line each, capped.
    var examples: [String] = []
    /// What is worth knowing although it breaks nothing.
    var notes: [String] = []
    /// All that was found in rows, the kinds in the check's order, of each kind the largest first.
    var anomalies: [Anomaly] = []
}

/// One thing that a check found: a token of a row, or the row itself.
struct Anomaly: Sendable, Equatable {
    var kind: String
    var id: Int64
    /// The value that it is about, `nil` where there is none.
    var token: Int64?
    /// How many tokens it stands for.
    var count: Int
    var text: String
}

/// The rows or tokens of one kind that a check found.
struct Finding: Sendable {
    /// Findings beyond this many are only counted, unless all are asked for.
    static let exampleLimit = 8

    /// A name for programs, such as `lost-at-source`.
    let kind: String
    private(set) var count = 0
    private(set) var anomalies: [Anomaly] = []

    init(_ kind: String) {
        self.kind = kind
    }

    var isEmpty: Bool { count == 0 }

    var examples: [String] { anomalies.prefix(Self.exampleLimit).map(\.text) }

    /// Adds what was found in one row.
    mutating func add(_ id: Int64, _ token: Int64? = nil, count: Int = 1, _ text: String) {
        self.count += count
        anomalies.append(Anomaly(kind: kind, id: id, token: token, count: count, text: text))
    }

    /// `3 acknowledged writes lost (keys 17, 201, 344)`.
    func headline(_ one: String, _ many: String) -> String {
        var keys: [Int64] = []
        var seen: Set<Int64> = []
        for anomaly in anomalies where seen.insert(anomaly.id).inserted { keys.append(anomaly.id) }
        let shown = keys.prefix(Self.exampleLimit)
        let list = shown.map(String.init).joined(separator: ", ")
        let more = shown.count == keys.count ? "" : " and \(keys.count - shown.count) more"
        let noun = keys.count == 1 ? "key" : "keys"
        return "\(count.grouped) \(count == 1 ? one : many) (\(noun) \(list)\(more))"
    }
}

extension CheckResult {
    /// A check that fails with every finding that is not empty, in the order given, or passes.
    init(
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
            anomalies: found.flatMap { $0.finding.anomalies.sorted { ($1.count, $0.id) < ($0.count, $1.id) } }
        )
    }
}
