import Postgres

/// The encoding of the destination database.
///
/// Texts go there as UTF-8; the server converts what its encoding has.
struct DatabaseEncoding {
    /// The server's name of it, such as `LATIN1`.
    let name: String

    init(name: String) {
        self.name = name
    }

    init(of connection: borrowing Connection) {
        name = connection.parameterStatus("server_encoding") ?? "?"
    }

    /// What the database cannot hold; `nil` for UTF8, which holds everything but NUL.
    var limits: String? {
        switch name {
        case "UTF8": return nil
        case "SQL_ASCII":
            return
                "its encoding is SQL_ASCII: it keeps the bytes of UTF-8 without knowing them, and counts bytes where a "
                + "column limits characters"
        default:
            return
                "its encoding is \(name): a record with a character that \(name) does not have is refused (SQLSTATE "
                + "22P05)"
        }
    }
}
