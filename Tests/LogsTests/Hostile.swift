@testable import Logs

/// Texts that have broken lines of logs.
enum Hostile {
    private static let joiners = ["\u{0600}", "\u{0301}", "\u{200D}", "\u{FE0F}", "\u{1F1E6}"]
    private static let special = ["\"", "\\", "\n", "\r", "\u{1B}", "\0", "=", " "]

    static let texts: [String] =
        joiners.flatMap { joiner in
            special.flatMap { ["\(joiner)\($0)", "\($0)\(joiner)", "a\(joiner)\($0)\(joiner)b"] }
        } + [
            "\r\n", "\u{1B}[2J\u{1B}]0;title\u{07}", "\u{85}\u{9B}31m", "\u{7F}", "\u{2028}\u{2029}",
            "\u{202E}txt.exe\u{2066}\u{2069}", "é\u{10FFFF}\u{FFFD}",
            "2026-01-01T00:00:00.000Z error [sink] forged",
        ]
}

extension LogEntry {
    static func sample(
        _ message: String,
        _ metadata: Logger.Metadata = [:],
        level: Logger.Level = .info
    ) -> LogEntry {
        LogEntry(milliseconds: 0, level: level, label: "sink", message: message, metadata: metadata)
    }
}
