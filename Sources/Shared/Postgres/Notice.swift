import CLibPQ

/// What a server said beside its answer: a WARNING can change what an answer means.
public struct Notice: Sendable {
    public let severity: String
    public let sqlState: SQLState
    public let message: String
    /// The message as the server sent it, which may hold values of rows: to be looked through, never to be shown.
    public let words: String
    /// The function in the server's sources that said it: unlike the words it is never translated.
    public let function: String
    /// Whether the detail, which is not kept, names a number.
    public let detailHasDigits: Bool

    public init(
        severity: String,
        sqlState: SQLState,
        message: String,
        words: String = "",
        function: String = "",
        detailHasDigits: Bool = false
    ) {
        (self.severity, self.sqlState, self.message) = (severity, sqlState, message)
        (self.words, self.function, self.detailHasDigits) = (words, function, detailHasDigits)
    }
}

/// Collects the notices of one connection until they are taken.
///
/// A class because libpq keeps a pointer to it; the connection owns it, and both stay on one thread.
final class NoticeLog {
    private var notices: [Notice] = []

    func take() -> [Notice] {
        defer { notices.removeAll() }
        return notices
    }

    /// Makes libpq report the notices of `connection` here.
    ///
    /// The log must outlive the connection.
    func attach(to connection: OpaquePointer) {
        let receiver: PQnoticeReceiver = { context, result in
            guard let context, let result else { return }
            // SAFETY: the context is the log that the Connection keeps alive until after PQfinish.
            let log = Unmanaged<NoticeLog>.fromOpaque(context).takeUnretainedValue()
            func field(_ code: Unicode.Scalar) -> String {
                PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) } ?? ""
            }
            // The code is that of libpq's PG_DIAG_SEVERITY_NONLOCALIZED, which Swift does not import.
            let severity = PQresultErrorField(result, Int32(Unicode.Scalar("V").value))
            guard let severity, let report = ServerReport(result) else { return }
            log.notices.append(
                Notice(
                    severity: String(cString: severity),
                    sqlState: report.sqlState,
                    message: report.text,
                    words: field("M"),
                    function: field("R"),
                    detailHasDigits: field("D").utf8.contains { (0x30...0x39).contains($0) }
                )
            )
        }
        PQsetNoticeReceiver(connection, receiver, Unmanaged.passUnretained(self).toOpaque())
    }
}
