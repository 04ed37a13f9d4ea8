package import Cluster
package import Model
package import Postgres

/// Where each timeline ended, as PostgreSQL's own file about a timeline has it (`pg_wal/0000000A.history`).
package enum TimelineHistory {
    /// Where each former timeline ended, from the leader's own file, which is there as soon as it was promoted.
    ///
    /// - Returns: `nil` where this user may not read it: that takes a superuser, or `pg_read_server_files` and the
    ///   right to execute `pg_read_file`.
    package static func read(
        of timeline: Timeline,
        _ connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> [Timeline: LSN]? {
        // The first one has no file, for it has no past.
        guard timeline.rawValue > 1 else { return [:] }
        var parameters = Parameters()
        parameters.append(path(of: timeline))
        do throws(PostgresError) {
            let answer = try connection.execute(
                "select pg_read_file($1, 0, 1048576, true)",
                parameters,
                deadline: deadline
            )
            return answer.rowCount == 1 ? answer.text(0, 0).flatMap(parse) : nil
        } catch {
            guard error.code == .server else { throw error }
            return nil
        }
    }

    /// Reads such a file: a line for each former timeline, with its number, where it was left, and why.
    ///
    /// Empty lines and comments (`#`) are allowed, as PostgreSQL allows them (`readTimeLineHistory`).
    ///
    /// - Returns: `nil` for text that is no such file.
    static func parse(_ text: String) -> [Timeline: LSN]? {
        var ends: [Timeline: LSN] = [:]
        for line in text.unicodeScalars.split(whereSeparator: { $0 == "\n" || $0 == "\r" }) {
            let fields = line.split(whereSeparator: \.properties.isWhitespace).map { String($0) }
            guard let first = fields.first, !first.begins(with: "#") else { continue }
            guard fields.count >= 2, let timeline = UInt32(first), let end = LSN(fields[1]) else {
                return nil
            }
            ends[Timeline(timeline)] = end
        }
        return ends
    }

    /// The same as Patroni has it.
    package static func ends(_ forks: [TimelineFork]) -> [Timeline: LSN] {
        .init(forks.map { ($0.timeline, $0.lsn) }, uniquingKeysWith: { $1 })
    }

    /// The file's name below the data folder.
    static func path(of timeline: Timeline) -> String {
        let digits = String(timeline.rawValue, radix: 16, uppercase: true)
        return "pg_wal/" + String(repeating: "0", count: 8 - digits.utf8.count) + digits + ".history"
    }
}
