public import Model

/// The settings that a session is pinned to, whatever server, database, role, URL and environment say.
///
/// This is the one place for them; a setting that the meaning of a statement or of a value depends on belongs here.
public struct SessionSettings: Sendable {
    /// A setting's name and the value that it gets.
    public typealias Setting = (name: String, value: String)

    /// In the order in which they are set.
    public let values: [Setting]

    /// Of every session: names are looked up in PostgreSQL's own schema only.
    ///
    /// Nobody's function, operator, type or table stands in for the one that a statement means, and the names that
    /// `regclass` and its kin print are complete. Without `pg_temp` at the end it would be looked into first.
    public static let common = SessionSettings(values: [("search_path", "pg_catalog, pg_temp")])

    /// Of the sink's sessions.
    public static let sink = common

    /// Of sessions whose values are compared: every setting that the text or the hash of a value depends on.
    public static let comparison = common.with([
        ("client_encoding", "UTF8"), ("TimeZone", "UTC"), ("DateStyle", "ISO, YMD"),
        ("IntervalStyle", "postgres"), ("bytea_output", "hex"), ("extra_float_digits", "3"),
        ("lc_monetary", "C"), ("xmlbinary", "base64"), ("quote_all_identifiers", "off"), ("jit", "off"),
        ("statement_timeout", "0"), ("idle_in_transaction_session_timeout", "0"),
    ])

    /// These and others.
    public func with(_ others: [Setting]) -> SessionSettings {
        SessionSettings(values: values + others)
    }

    /// Where a session keeps the schemas in which its role looks names up: `name[]` as text.
    public static let schemas = "handover.schemas"

    /// The schemas in which the session's role looks names up, as an expression of SQL.
    ///
    /// Valid after `pin` only.
    public static let schemasExpression = "pg_catalog.current_setting('\(schemas)')::pg_catalog.name[]"

    /// The statement that notes the role's own schemas and sets what is pinned.
    var statement: String {
        let pins = values.map { "pg_catalog.set_config('\($0.name)', '\($0.value)', false)" }
        return "select \(pins.joined(separator: ", "))"
    }

    /// A session that is pinned already keeps what it noted then.
    static let noteSchemas = """
        select pg_catalog.set_config('\(schemas)', case
            when pg_catalog.current_setting('search_path') operator(pg_catalog.=) 'pg_catalog, pg_temp'
                then coalesce(nullif(pg_catalog.current_setting('\(schemas)', true), ''), '{}')
            else pg_catalog.current_schemas(false)::pg_catalog.text end, false)
        """
}

extension Connection {
    /// Opens a session that is pinned before anything else is asked.
    ///
    /// - Throws: `PostgresError` as `open(_:deadline:)` and `pin`.
    public static func open(
        _ options: ConnectionOptions,
        pinned settings: SessionSettings,
        deadline: Deadline
    ) throws(PostgresError) -> Connection {
        let connection = try open(options, deadline: deadline)
        try connection.pin(settings, deadline: deadline)
        return connection
    }

    /// Pins the session's settings; call it before anything else is asked.
    ///
    /// A session may be pinned again, to other settings. The schemas that `search_path` named before stay known as
    /// `SessionSettings.schemasExpression`.
    ///
    /// - Throws: `PostgresError` of the server or the connection.
    public func pin(_ settings: SessionSettings, deadline: Deadline) throws(PostgresError) {
        try execute(SessionSettings.noteSchemas, deadline: deadline)
        try execute(settings.statement, deadline: deadline)
    }
}
