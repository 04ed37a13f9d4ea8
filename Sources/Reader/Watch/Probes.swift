import Shared

/// Asks one database again and again on a thread of its own; survives its absence.
struct DatabaseProbe: Sendable {
    var part: PartError.Part
    var options: ConnectionOptions
    /// From one question to the next.
    var period: Duration
    var board: WatchBoard
    var stop: StopSignal

    /// Calls `ask` once a period, until the end is requested.
    func run(_ ask: (borrowing Connection) throws(PostgresError) -> Void) {
        var pause = Duration.milliseconds(100)
        while !stop.isRequested {
            do throws(PostgresError) {
                let connection = try Connection.open(options, deadline: .after(ValueFetch.timeout))
                while !stop.isRequested {
                    let next = Deadline.after(period)
                    if part == .source, !connection.acceptsWrites {
                        throw PostgresError(
                            code: .server,
                            sqlState: .readOnlyTransaction,
                            message: "the server is a standby",
                            server: options.server
                        )
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
}

extension DatabaseProbe {
    /// The first sentence of a failure: libpq adds advice that does not fit a line an interval.
    fileprivate static func reason(_ error: PostgresError) -> String {
        let text = "\(error)".split(separator: ";").first.map(String.init) ?? ""
        return text.replacing("\"", with: "'")
    }
}

/// Asks the broker for the ends of the topic's partitions, on a thread of its own.
struct BrokerProbe: Sendable {
    var bootstrap: String
    var topic: String
    var period: Duration
    var board: WatchBoard
    var stop: StopSignal

    private static let timeoutMilliseconds: Int32 = 2_000

    /// Runs until the end is requested.
    ///
    /// The answers may be too low by the broker's last batch, see `Consumer.fetchedEnd`: fetching all that
    /// is in the topic would be exact, and too dear for a number to look at.
    func run() {
        while !stop.isRequested {
            do throws(KafkaError) {
                var consumer = try Consumer.open(properties: [
                    "bootstrap.servers": bootstrap, "group.id": "handover-reader",
                    "enable.auto.commit": "false",
                ])
                while !stop.isRequested {
                    let next = Deadline.after(period)
                    try ask(&consumer)
                    stop.sleep(until: next)
                }
            } catch {
                board.fail(.broker, "\(error)")
                stop.sleep(.seconds(1))
            }
        }
    }

    private func ask(_ consumer: inout Consumer) throws(KafkaError) {
        // Serves librdkafka's callbacks, which would pile up otherwise; without partitions nothing else comes.
        if try consumer.poll(timeoutMilliseconds: 0) != nil { return }
        var ends: [Int32: Int64] = [:]
        for place in try consumer.partitions(of: topic, timeoutMilliseconds: Self.timeoutMilliseconds) {
            let answer = try consumer.watermarks(of: place, timeoutMilliseconds: Self.timeoutMilliseconds)
            ends[place.partition] = answer.high
        }
        board.note(ends: ends)
    }
}

/// Follows the history for acknowledgements, in step with the destination's polls.
struct HistoryTail: ~Copyable {
    private var reader: HistoryReader

    init(_ path: String) throws(HistoryError) {
        reader = try HistoryReader(path)
    }

    /// What was acknowledged since the last call.
    mutating func newAcknowledgements() throws(HistoryError) -> [Acknowledgement] {
        var found: [Acknowledgement] = []
        try reader.readNewLines { line in
            guard case .ok(let name, _, _) = line.event else { return }
            found.append(.init(id: name.id, token: name.token.rawValue, time: line.moment.monotonic))
        }
        return found
    }
}
