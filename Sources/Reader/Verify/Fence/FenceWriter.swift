import Access
import History
import Evidence
import Model
import Postgres
import Tables

/// Writes markers: conditional updates at the source, each in the history before it is sent.
struct FenceWriter: ~Copyable {
    private let options: ConnectionOptions
    private let reader: TableReader
    private let history: HistoryFile
    private var connection: Connection
    private var lastToken: Token
    private let deadline: Deadline

    /// Connects to the source; every marker will be larger than `highest`, the largest value seen anywhere.
    ///
    /// - Throws: `PartError` when the source is away until the deadline.
    init(
        _ options: ConnectionOptions,
        _ reader: TableReader,
        history: HistoryFile,
        above highest: Token,
        deadline: Deadline
    ) throws(PartError) {
        (self.options, self.reader, self.history, self.deadline) = (options, reader, history, deadline)
        lastToken = max(highest, Token(Moment.wallNow()))
        connection = try .open(part: .source, options, writable: true, until: deadline)
    }

    /// Touches one row.
    ///
    /// - Returns: the marker, or `nil` when others change the row all the time, or it is gone.
    mutating func write(_ row: RowID) throws(PartError) -> Fence? {
        var sent: Fence? = nil
        for _ in 0..<10 {
            let fence: Fence
            do throws(PostgresError) {
                guard let previous = try reader.value(of: row, connection) else { return nil }
                // After a lost connection the row says whether the update happened.
                if let sent, previous == sent.token { return sent }
                lastToken = max(lastToken.next, Token(Moment.wallNow()), previous.next)
                fence = Fence(token: lastToken, previous: previous)
            } catch {
                try reconnect(after: error)
                continue
            }
            try record(fence, row)
            sent = fence
            do throws(PostgresError) {
                if try update(row, fence) { return fence }
            } catch {
                try reconnect(after: error)
            }
        }
        return nil
    }

    private mutating func reconnect(after error: PostgresError) throws(PartError) {
        guard error.isConnectionFailure, !deadline.hasPassed else { throw PartError(.source, "\(error)") }
        connection = try .open(part: .source, options, writable: true, until: deadline)
    }

    private func record(_ fence: Fence, _ row: RowID) throws(PartError) {
        do throws(HistoryError) {
            try history.append(
                HistoryLine(.fence(id: row.rawValue, token: fence.token, previous: fence.previous.rawValue))
            )
        } catch {
            throw PartError(.history, "\(error)")
        }
    }

    private func update(_ row: RowID, _ fence: Fence) throws(PostgresError) -> Bool {
        var parameters = Parameters()
        parameters.append(fence.token.rawValue)
        parameters.append(row.rawValue)
        parameters.append(fence.previous.rawValue)
        let (key, value) = (quotedIdentifier(TableName.keyColumn), quotedIdentifier(TableName.valueColumn))
        let table = reader.table.quoted
        let result = try needing("select, update", on: table) { () throws(PostgresError) in
            try connection.execute(
                "update \(table) set \(value) = $1 where \(key) = $2 and \(value) = $3",
                parameters,
                deadline: .after(TableReader.timeout)
            )
        }
        return result.affectedRowCount == 1
    }
}

extension Connection {
    /// Opens a session with a part of the pipeline; see `open(_:writable:until:)`.
    static func open(
        part: PartError.Part,
        _ options: ConnectionOptions,
        writable: Bool,
        until deadline: Deadline
    ) throws(PartError) -> Connection {
        do throws(PostgresError) {
            return try open(options, writable: writable, until: deadline)
        } catch {
            throw PartError(part, "\(error)")
        }
    }
}
