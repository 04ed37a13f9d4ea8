import Model
import Postgres

/// Reads suspects again until those on their way have arrived.
struct Settling: Sendable {
    let source: TableScan
    let destination: TableScan
    let settings: CompareSettings

    func settle(_ suspects: [Suspect], _ result: inout ComparisonResult) async throws(CompareError) {
        let began = Moment.monotonicNow()
        var now = began
        var tracker = SuspectTracker(suspects, grace: settings.grace, at: began)
        while !tracker.isSettled(at: now), now - began < settings.patience {
            let keys = tracker.keys
            // The destination first: what it shows, the source must have held by then.
            let there = try await destination.states(keys)
            let here = try await source.states(keys)
            let read = Moment.monotonicNow()
            tracker.take(source: here, destination: there, at: read)
            guard !tracker.keys.isEmpty else { now = read; break }
            // A look that takes long, as on tables without a key, is not repeated at once.
            let pause = max(200_000_000, 2 * (read - now))
            do { try await Task.sleep(nanoseconds: pause) } catch {
                throw CompareError(.undecided, "cancelled")
            }
            now = Moment.monotonicNow()
        }
        let (still, moving) = tracker.remaining(at: now)
        result.differences = still.map { Difference($0, attempted: settings.attempted) }
        result.movingCount = moving
        result.inFlightCount += tracker.inFlightCount
        result.lag = max(result.lag, tracker.lag)
    }
}

/// Puts the destination right, or says how.
struct Repair: Sendable {
    let source: TableScan
    let destination: TableScan
    let settling: Settling

    private static let batch = 500

    /// One statement for each difference, after the settings that they need.
    func statements(_ differences: [Difference]) async throws(CompareError) -> [String] {
        guard !differences.isEmpty else { return [] }
        let repair = RepairSQL(table: destination.sql.table, pairing: destination.sql.pairing)
        var statements = [RepairSQL.preamble]
        for start in stride(from: 0, to: differences.count, by: Self.batch) {
            let part = differences[start..<min(start + Self.batch, differences.count)]
            let keys = part.map(\.suspect.key)
            let (there, here) = (try await destination.literals(keys), try await source.literals(keys))
            statements += part.map { difference in
                let key = difference.suspect.key
                return repair.statement(difference, source: here[key], destination: there[key])
            }
        }
        return statements
    }

    /// Writes the source's rows once more, so that the pipeline carries them, and looks what has become of them.
    ///
    /// A row that only the destination has is inserted at the source and deleted again: the stream then has the
    /// delete that the destination lacks.
    func touch(_ result: inout ComparisonResult) async throws(CompareError) {
        let differences = result.differences
        guard !differences.isEmpty else { return }
        guard let touch = source.sql.touch else {
            throw CompareError(.undecided, "source: no column can be assigned to")
        }
        let present = differences.filter { $0.suspect.source != nil }.map(\.suspect.key)
        for start in stride(from: 0, to: present.count, by: Self.batch) {
            let parameters = source.parameters(Array(present[start..<min(start + Self.batch, present.count)]))
            try await source.session.perform { connection throws(PostgresError) in
                try connection.execute(touch, parameters, deadline: .after(.seconds(60)))
            }
        }
        let absent = differences.filter { $0.suspect.source == nil }.map(\.suspect.key)
        let rows = try await destination.literals(absent)
        let insert = RepairSQL(table: source.sql.table, pairing: source.sql.pairing)
        let delete = source.sql.delete
        for key in absent {
            guard let row = rows[key] else { continue }
            let statement = insert.insert(row)
            let parameters = source.parameters([key])
            try await source.session.perform { connection throws(PostgresError) in
                try connection.execute("begin", deadline: .after(.seconds(60)))
                // Somebody may have inserted it since: then it is not ours to delete.
                if try connection.execute(statement, deadline: .after(.seconds(60))).affectedRowCount == 1 {
                    try connection.execute(delete, parameters, deadline: .after(.seconds(60)))
                }
                try connection.execute("commit", deadline: .after(.seconds(60)))
            }
        }
        result.touchedCount = differences.count
        try await settling.settle(differences.map(\.suspect), &result)
    }
}
