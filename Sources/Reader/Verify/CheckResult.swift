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
}

/// The rows or tokens of one kind that a check found.
struct Finding: Sendable {
    /// Examples beyond this many are only counted.
    static let exampleLimit = 8

    private(set) var count = 0
    private(set) var keys: [Int64] = []
    private(set) var examples: [String] = []

    var isEmpty: Bool { count == 0 }

    /// Adds what was found in one row.
    mutating func add(_ id: Int64, count: Int = 1, _ example: @autoclosure () -> String) {
        self.count += count
        guard keys.count < Self.exampleLimit else { return hiddenKeys += 1 }
        keys.append(id)
        examples.append(example())
    }

    private var hiddenKeys = 0

    /// `3 acknowledged writes lost (keys 17, 201, 344)`.
    func headline(_ one: String, _ many: String) -> String {
        let list = keys.map(String.init).joined(separator: ", ")
        let more = hiddenKeys == 0 ? "" : " and \(hiddenKeys) more"
        let noun = keys.count + hiddenKeys == 1 ? "key" : "keys"
        return "\(count.grouped) \(count == 1 ? one : many) (\(noun) \(list)\(more))"
    }
}

extension BinaryInteger {
    /// The number with commas between thousands.
    var grouped: String {
        let digits = Array(String(magnitude))
        var text = self < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
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
            notes: notes
        )
    }
}
