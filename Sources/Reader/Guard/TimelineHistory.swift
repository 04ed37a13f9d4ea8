import Shared

/// Where each timeline ended, as PostgreSQL's own file about a timeline has it (`pg_wal/0000000A.history`).
enum TimelineHistory {
    /// Reads such a file: a line for each former timeline, with its number, where it was left, and why.
    ///
    /// Empty lines and comments (`#`) are allowed, as PostgreSQL allows them (`readTimeLineHistory`).
    ///
    /// - Returns: `nil` for text that is no such file.
    static func parse(_ text: String) -> [Timeline: LSN]? {
        var ends: [Timeline: LSN] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard let first = fields.first, !first.hasPrefix("#") else { continue }
            guard fields.count >= 2, let timeline = UInt32(first), let end = LSN(String(fields[1])) else {
                return nil
            }
            ends[Timeline(timeline)] = end
        }
        return ends
    }

    /// The file's name below the data folder.
    static func path(of timeline: Timeline) -> String {
        let digits = String(timeline.rawValue, radix: 16, uppercase: true)
        return "pg_wal/" + String(repeating: "0", count: 8 - digits.count) + digits + ".history"
    }
}
