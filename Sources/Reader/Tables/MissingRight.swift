package import Postgres

/// Runs a question; where the user lacks a right, the error says which statement gives it.
///
/// - Parameters:
///   - rights: what it takes, as `grant` writes it.
///   - table: the table, as a statement names it.
package func needing<R: ~Copyable>(
    _ rights: String,
    on table: String,
    _ ask: () throws(PostgresError) -> R
) throws(PostgresError) -> R {
    do throws(PostgresError) {
        return try ask()
    } catch {
        throw error.naming(rights, on: table)
    }
}

extension PostgresError {
    /// The same with the way out, where it is a missing right.
    fileprivate func naming(_ rights: String, on table: String) -> PostgresError {
        guard code == .server, sqlState == .insufficientPrivilege else { return self }
        return PostgresError(
            code: code,
            sqlState: sqlState,
            message:
                "\(message); it needs: grant \(rights) on \(table), and usage on its schema; sql/roles.sql "
                + "gives the reader's role all that it needs (docs/roles.md)",
            server: server
        )
    }
}
