import CLibPQ

/// The answer to one statement; owns libpq's result and frees it.
public struct QueryResult: ~Copyable {
    private let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQclear(pointer)
    }

    var status: ExecStatusType { PQresultStatus(pointer) }

    public var rowCount: Int { Int(PQntuples(pointer)) }

    public var columnCount: Int { Int(PQnfields(pointer)) }

    /// Rows that an INSERT, UPDATE or DELETE touched; 0 for other commands.
    public var affectedRowCount: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    /// The command tag, such as `COMMIT`; a COMMIT of a failed transaction answers `ROLLBACK`.
    public var commandTag: String { String(cString: PQcmdStatus(pointer)) }

    /// A field as text, or `nil` for SQL NULL.
    public func text(_ row: Int, _ column: Int) -> String? {
        let (row, column) = (Int32(row), Int32(column))
        guard PQgetisnull(pointer, row, column) == 0, let start = PQgetvalue(pointer, row, column) else {
            return nil
        }
        return String(cString: start)
    }

    /// A field as an integer, or `nil` for SQL NULL and for anything that is no integer.
    public func integer(_ row: Int, _ column: Int) -> Int64? {
        text(row, column).flatMap { Int64($0) }
    }

    /// The bytes that a field of `encode(…, 'hex')` stands for, or `nil` for SQL NULL.
    public func hexadecimalBytes(_ row: Int, _ column: Int) -> [UInt8]? {
        guard let text = text(row, column) else { return nil }
        let digits = text.utf8.map { $0 < UInt8(ascii: ":") ? $0 &- 0x30 : $0 &- 0x57 }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// The server's error, if this is one.
    func error(server: String) -> PostgresError? {
        guard status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE else { return nil }
        if let report = ServerReport(pointer) {
            return PostgresError(
                code: .server,
                sqlState: report.sqlState,
                message: report.text,
                server: server
            )
        }
        let message = PQresultErrorMessage(pointer).map { String(cString: $0) } ?? ""
        return PostgresError(code: .connectionLost, message: message.withoutRemarks, server: server)
    }
}
