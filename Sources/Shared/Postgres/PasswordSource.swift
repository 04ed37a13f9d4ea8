import Synchronization

/// Where a password comes from that may change while the program runs.
///
/// The password is remembered and asked for anew when a server refuses it. Used by any thread; those that need it at the same
/// time ask once.
public final class PasswordSource: Sendable {
    private let ask: @Sendable () throws -> String
    private let known = Mutex<String?>(nil)

    /// - Parameter ask: gives the password; its error's text must not hold it.
    public init(_ ask: @escaping @Sendable () throws -> String) {
        self.ask = ask
    }

    /// The password, and whether it was asked for just now.
    ///
    /// - Throws: `PostgresError` with code `cannotConnect` where there is none.
    func password(for server: String) throws(PostgresError) -> (text: String, isNew: Bool) {
        let result: Result<(text: String, isNew: Bool), any Error> = known.withLock { known in
            if let known { return .success((known, false)) }
            return Result {
                let text = try ask()
                known = text
                return (text, true)
            }
        }
        switch result {
        case .success(let password): return password
        case .failure(let error):
            throw PostgresError(
                code: .cannotConnect,
                message: "there is no password: \(error)",
                server: server
            )
        }
    }

    /// Forgets a password that a server refused, unless another one came in between.
    func forget(_ refused: String) {
        known.withLock { if $0 == refused { $0 = nil } }
    }
}
