/// What `sink check` found, line by line.
struct CheckReport: Sendable, CustomStringConvertible {
    enum Verdict: Sendable {
        case ok
        case failure
        /// Nothing is known about it, because a server did not answer.
        case unreachable
        case note

        fileprivate var word: String {
            switch self {
            case .ok: return "ok"
            case .failure, .unreachable: return "FAIL"
            case .note: return "note"
            }
        }
    }

    struct Line: Hashable, Sendable {
        let verdict: Verdict
        let subject: String
        let text: String
    }

    private(set) var lines: [Line] = []

    mutating func add(_ verdict: Verdict, _ subject: String, _ text: String) {
        lines.append(Line(verdict: verdict, subject: subject, text: text))
    }

    /// 0 everything fits; 1 something does not fit; 3 what is known fits, but a server did not answer.
    var exitCode: Int32 {
        if lines.contains(where: { $0.verdict == .failure }) { return 1 }
        return lines.contains { $0.verdict == .unreachable } ? 3 : 0
    }

    var description: String {
        let width = lines.map(\.subject.visible.width).max() ?? 0
        return lines.map { line in
            "\(line.verdict.word.padded(to: 4))  \(line.subject.visible.padded(to: width))  \(line.text.visible)"
        }.joined(separator: "\n")
    }
}
