/// The settings that the meaning of a value depends on, whatever the role, the database or the environment say.
///
/// The encoding is libpq's own and goes with the connection. The others are set for one transaction: a pooler between
/// sink and server may give each transaction another session, refuses settings of a connection that it does not know,
/// and would hand a session's settings on to the next client.
enum TransactionSettings {
    private static let values = [
        // NULL in the text of an array is the word, where this is off.
        ("array_nulls", "on"),
        ("datestyle", "ISO, YMD"),
        ("intervalstyle", "postgres"),
        // What has a zone says it; this is for the defaults of columns, and ranges that leave it out.
        ("timezone", "UTC"),
        ("xmloption", "content"),
        // Defaults of new columns are literals.
        ("standard_conforming_strings", "on"),
        ("bytea_output", "hex"),
        ("extra_float_digits", "1"),
    ]

    /// Begins a transaction.
    ///
    /// Whether it may write is the server's word: `default_transaction_read_only` is how an operator keeps writes out.
    static let begin = "begin isolation level read committed"

    /// Sets them until the transaction ends.
    static let statement =
        "select " + values.map { "set_config('\($0.0)', '\($0.1)', true)" }.joined(separator: ", ")
}
