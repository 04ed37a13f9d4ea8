/// Checks as lines: how each ended, its name, its count, and what it found.
package struct CheckTable: Sendable {
    private let checks: [CheckResult]

    package init(_ checks: [CheckResult]) {
        self.checks = checks
    }

    /// - Parameter details: what a check found, one line each.
    package func lines(details: (CheckResult) -> [String]) -> [String] {
        var lines: [String] = []
        let width = checks.map(\.name.width).max() ?? 0
        for check in checks {
            let name = check.name.padded(to: width)
            let count = check.count.grouped.padded(to: 10, left: true)
            let findings = details(check)
            let text = findings.first ?? (check.headline.isEmpty ? check.notes.first : check.headline) ?? ""
            lines.append("\(check.status.mark) \(name) \(count)  \(text)".trimmedRight)
            let rest = findings.dropFirst() + (findings.isEmpty ? check.notes.dropFirst() : check.notes[...])
            for line in rest where line != text {
                lines.append(String(repeating: " ", count: width + 18) + line)
            }
        }
        return lines
    }
}

extension CheckResult.Status {
    /// How a line of the table begins.
    fileprivate var mark: String {
        switch self {
        case .pass: "ok  "
        case .unknown: "?   "
        case .fail: "FAIL"
        }
    }
}
