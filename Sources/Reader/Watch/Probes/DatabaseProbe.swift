import Access
import Model
import Postgres
import Tables
import Threading

/// Asks one database again and again on a thread of its own; survives its absence.
struct DatabaseProbe: Sendable {
    var part: PartError.Part
    var options: ConnectionOptions
    /// From one question to the next.
    var period: Duration
    var board: WatchBoard
    var stop: StopSignal

    /// Calls `prepare` on each new session, and then `ask` once a period, until the end is requested.
    func run(
        prepare: (borrowing Connection) throws(PostgresError) -> Void,
        ask: (borrowing Connection) throws(PostgresError) -> Void
    ) {
        var pause = Duration.milliseconds(100)
        while !stop.isRequested {
            do throws(PostgresError) {
                let connection = try Connection.open(
                    options,
                    pinned: .common,
                    deadline: .after(ValueFetch.timeout)
                )
                try refuseStandby(connection)
                try connection.prepare("clock", Self.clock, types: [], deadline: .after(ValueFetch.timeout))
                try prepare(connection)
                board.update { $0.seen.clocks[part]?.reset() }
                var nextClock = Deadline.after(.zero)
                while !stop.isRequested {
                    let next = Deadline.after(period)
                    try refuseStandby(connection)
                    if nextClock.hasPassed {
                        try measureClock(connection)
                        nextClock = .after(.seconds(1))
                    }
                    try ask(connection)
                    pause = .milliseconds(100)
                    stop.sleep(until: next)
                }
            } catch {
                board.fail(part, Self.reason(error))
                stop.sleep(pause)
                pause = min(pause * 2, .seconds(1))
            }
        }
    }

    private static let clock = "select (extract(epoch from clock_timestamp()) * 1e6)::int8"

    private func refuseStandby(_ connection: borrowing Connection) throws(PostgresError) {
        guard part == .source, !connection.acceptsWrites else { return }
        throw .acceptsNoWrites(options.server)
    }

    private func measureClock(_ connection: borrowing Connection) throws(PostgresError) {
        let sent = Moment.wallNow()
        let answer = try connection.execute(
            prepared: "clock",
            Parameters(),
            deadline: .after(ValueFetch.timeout)
        )
        let received = Moment.wallNow()
        guard let server = answer.integer(0, 0) else { return }
        board.update {
            $0.seen.clocks[part, default: ClockSkew()].take(sent: sent, server: server, received: received)
        }
    }

    /// The first sentence of a failure: libpq adds advice that does not fit a line an interval.
    static func reason(_ error: PostgresError) -> String {
        let text = "\(error)".parts(at: ";").first ?? ""
        return text.replacingScalars("\"", with: "'")
    }
}
