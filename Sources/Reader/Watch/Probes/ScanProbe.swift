import Access
import Model
import Postgres
import Tables
import Threading

/// Compares both sides part by part, by hashes that the servers make, within a budget of the destination's time.
///
/// A part that differs is read row by row; rows that differ are read again every second until they are right.
struct ScanProbe: Sendable {
    var settings: PipelineSettings
    /// The shortest time from one step to the next.
    var period: Duration
    /// The share of one core of the destination that it may take.
    var share: Double
    var board: WatchBoard
    var stop: StopSignal

    private static let suspectsPerLook = 200
    /// What the destination pays for a row that is sent, in nanoseconds; generous.
    private static let nanosecondsPerRow: UInt64 = 1_000
    private static let nanosecondsPerStatement: UInt64 = 100_000

    private struct Pass {
        var low = Int64.min
        var compared: Int64 = 0
        var began = Moment.monotonicNow()
    }

    func run() {
        var budget = ScanBudget(share: share)
        var pass = Pass()
        var expected: Int64?
        while !stop.isRequested {
            do throws(PostgresError) {
                let fetch = ValueFetch(table: settings.table)
                let destination = try Connection.open(
                    settings.destination,
                    pinned: .common,
                    deadline: .after(ValueFetch.timeout)
                )
                let source = try Connection.open(
                    settings.source,
                    pinned: .common,
                    deadline: .after(ValueFetch.timeout)
                )
                guard source.acceptsWrites else {
                    stop.sleep(.seconds(1))
                    continue
                }
                try fetch.prepare(destination)
                try fetch.prepare(source)
                while !stop.isRequested {
                    let next = Deadline.after(period)
                    var busy = try step(fetch, destination, source, rows: budget.rows, &pass, &expected)
                    busy += try lookAgain(fetch, destination, source)
                    let pause = budget.spent(busy)
                    let paid = Deadline.after(.nanoseconds(Int64(clamping: pause)))
                    stop.sleep(until: Deadline(monotonic: max(next.monotonic, paid.monotonic)))
                    guard source.acceptsWrites else { break }
                }
            } catch {
                // The other probes say what is away.
                stop.sleep(.seconds(1))
            }
        }
    }

    /// Compares the next part.
    ///
    /// - Returns: nanoseconds of the destination.
    private func step(
        _ fetch: ValueFetch,
        _ destination: borrowing Connection,
        _ source: borrowing Connection,
        rows: Int,
        _ pass: inout Pass,
        _ expected: inout Int64?
    ) throws(PostgresError) -> UInt64 {
        var high = try fetch.bound(above: pass.low, limit: rows, source)
        let (shown, spent) = try fetch.digest(above: pass.low, through: high ?? .max, destination)
        var busy = spent + Self.nanosecondsPerStatement
        let (wanted, _) = try fetch.digest(above: pass.low, through: high ?? .max, source)
        var found: (destination: [Int64: Int64], source: [Int64: Int64]) = ([:], [:])
        if shown != wanted {
            let limit = 4 * rows
            found.destination = try fetch.values(
                above: pass.low,
                through: high ?? .max,
                limit: limit,
                destination
            )
            busy += UInt64(found.destination.count) * Self.nanosecondsPerRow
            // Many rows too many: only as far as they were read.
            if found.destination.count == limit { high = found.destination.keys.max() }
            found.source = try fetch.values(above: pass.low, through: high ?? .max, limit: limit, source)
            if found.source.count == limit, let end = found.source.keys.max() {
                high = end
                found.destination = found.destination.filter { $0.key <= end }
            }
        }
        pass.compared += wanted.rowCount
        let part = TablePart.range(above: pass.low, through: high)
        let now = Moment.monotonicNow()
        let (values, didEnd) = (found, high == nil)
        let compared = pass.compared
        let began = pass.began
        let total = expected
        board.update { board in
            board.divergence.compare(part, source: values.source, destination: values.destination, at: now)
            board.rewind.see(values.destination)
            board.seen.scan.pass =
                didEnd ? 1 : total.map { min(0.99, Double(compared) / Double(max(1, $0))) } ?? 0
            if didEnd { board.seen.scan.passSeconds = Double((now - began) / 10_000_000) / 100 }
        }
        if let high {
            pass.low = high
        } else {
            expected = compared
            pass = Pass()
        }
        return busy
    }

    /// Reads suspected rows again.
    private func lookAgain(
        _ fetch: ValueFetch,
        _ destination: borrowing Connection,
        _ source: borrowing Connection
    ) throws(PostgresError) -> UInt64 {
        let ids = board.update { $0.divergence.rowsToAsk(limit: Self.suspectsPerLook) }
        guard !ids.isEmpty else { return 0 }
        let shown = try fetch.values(of: ids, destination)
        let wanted = try fetch.values(of: ids, source)
        let now = Moment.monotonicNow()
        board.update { board in
            board.divergence.compare(.rows(Set(ids)), source: wanted, destination: shown, at: now)
            board.rewind.see(shown)
        }
        return Self.nanosecondsPerStatement + UInt64(ids.count) * 2 * Self.nanosecondsPerRow
    }
}
