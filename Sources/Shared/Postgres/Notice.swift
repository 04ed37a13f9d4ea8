import CLibPQ

/// What a server said beside its answer: a WARNING can change what an answer means.
public struct Notice: Sendable {
    public let severity: String
    public let sqlState: SQLState
    public let message: String

    public init(severity: String, sqlState: SQLState, message: String) {
        (self.severity, self.sqlState, self.message) = (severity, sqlState, message)
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
            log.notices.append(
                Notice(severity: field("V"), sqlState: SQLState(field("C")), message: field("M"))
            )
        }
        PQsetNoticeReceiver(connection, receiver, Unmanaged.passUnretained(self).toOpaque())
    }
}
