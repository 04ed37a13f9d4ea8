import Access
import FoundationEssentials
import Glibc
import History
import Model
import Postgres
import Tables
import Threading

/// Looks at the destination: the sink's progress at each poll, and the rows of the writes that are followed.
///
/// Rows are asked for only when one of them may have changed: after the progress moved or a write was
/// acknowledged, and once a second to be sure.
struct DestinationProbe: Sendable {
    var settings: PipelineSettings
    var poll: Duration
    var board: WatchBoard
    var stop: StopSignal

    /// Rows that are looked up at one poll at most: what that costs the destination is bounded.
    static let rowsPerPoll = 100

    func run() {
        let reader = ProgressReader(settings)
        let fetch = ValueFetch(table: settings.table)
        var tail = HistoryFollower(settings.history, table: settings.table)
        var progress: [Int32: SinkProgress] = [:]
        var nextLook = Deadline.after(.zero)
        // What was written before watching began is found out at once.
        var limit = LagTracker.openRows
        let probe = DatabaseProbe(
            part: .destination,
            options: settings.destination,
            period: poll,
            board: board,
            stop: stop
        )
        probe.run(
            prepare: { connection throws(PostgresError) in
                try reader.prepare(connection)
                try fetch.prepare(connection)
            },
            ask: { connection throws(PostgresError) in
                let hasNew = tail.read(into: board)
                // Progress before rows: the rows are at least as far.
                let position = try reader.readPrepared(connection)
                var values: [Int64: Int64] = [:]
                if position != progress || hasNew || nextLook.hasPassed {
                    let wanted = limit
                    let ids = board.update { $0.lag.rowsToAsk(limit: wanted) }
                    values = try fetch.values(of: ids, connection)
                    nextLook = .after(.seconds(1))
                }
                limit = Self.rowsPerPoll
                progress = position
                let now = Moment.now()
                board.update { $0.take(progress: position, values: values, at: now) }
            }
        )
    }
}

/// Follows the history: what was acknowledged, and what was broken when.
struct HistoryFollower: ~Copyable {
    /// An old history may be of any length; what still waits is at its end.
    private static let tail: Int64 = 16 << 20

    private let path: String?
    private let table: String
    private var reader: HistoryReader?
    /// What each worker does now.
    private var attempts: [Int: HistoryLine.Attempt] = [:]

    init(_ path: String?, table: TableName) {
        self.path = path
        // Histories name tables without their schema.
        self.table = table.description.parts(at: ".").last ?? ""
    }

    private static func size(_ path: String) -> Int64 {
        var status = stat()
        // SAFETY: stat fills in the structure that it is lent, and keeps neither it nor the path.
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Hands on what is new.
    ///
    /// - Returns: whether anything was acknowledged.
    mutating func read(into board: WatchBoard) -> Bool {
        guard let path else { return false }
        do throws(HistoryError) {
            // The writer may begin its history later than this program.
            if reader == nil {
                do throws(HistoryError) {
                    reader = try HistoryReader(path, from: max(0, Self.size(path) - Self.tail))
                } catch {
                    return false
                }
            }
            var writes: [Acknowledgement] = []
            var gone: [Int64] = []
            var events: [HistoryLine] = []
            var attempts = attempts
            try reader?.readNewLines { line in
                switch line.event {
                case .invoke(let attempt, _): attempts[attempt.name.worker] = attempt
                case .ok(let name, _, _):
                    guard let attempt = attempts[name.worker], attempt.name == name else { return }
                    guard attempt.table == table else { return }
                    for change in attempt.changes {
                        if let token = change.after {
                            writes.append(.init(id: change.id, token: token, time: line.moment.monotonic))
                        } else {
                            gone.append(change.id)
                        }
                    }
                case .fault, .restart, .rewind: events.append(line)
                default: break
                }
            }
            self.attempts = attempts
            guard !writes.isEmpty || !gone.isEmpty || !events.isEmpty else { return false }
            board.update { found in
                found.take(writes, gone: gone)
                for line in events { found.series.take(line) }
            }
            return !writes.isEmpty
        } catch {
            board.fail(.history, "\(error)")
            return false
        }
    }
}

extension WatchSeries {
    /// Takes a line of the history that names a fault or a repair.
    mutating func take(_ line: HistoryLine) {
        let wall = line.moment.wall
        switch line.event {
        case .fault(let fault):
            let text = "\(fault.fault) \(fault.target)"
            if fault.edge == .begin { begin(fault: text, at: wall) } else { end(fault: text, at: wall) }
        case .restart(let connector, _, _, _, _): note("restart of \(connector)'s task", at: wall)
        case .rewind(let connector, let from, let to, _):
            note("\(connector) moved back from \(from) to \(to)", at: wall)
        default: break
        }
    }
}
