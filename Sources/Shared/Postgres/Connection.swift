import CLibPQ
import Glibc
public import Model

/// One session with one PostgreSQL server; owns libpq's connection.
///
/// Every wait has a deadline: a server that stops answering without closing the connection (a stopped
/// process, a cut cable) is noticed. After a deadline has passed, the session's state is unknown and the
/// connection must be dropped; no cancel request is ever sent, because a cancelled wait for a synchronous
/// standby is answered with success. The server is told to look after its client itself: a statement whose client
/// has dropped the connection ends within seconds. Not thread-safe: one thread uses it.
public struct Connection: ~Copyable {
    let pointer: OpaquePointer
    private let notices: NoticeLog
    /// `host:port/database` as configured.
    public let server: String

    deinit {
        PQfinish(pointer)
    }

    private init(owning pointer: OpaquePointer, server: String) {
        self.pointer = pointer
        self.server = server
        notices = NoticeLog()
        notices.attach(to: pointer)
    }

    /// Opens a session.
    ///
    /// Where the options have a source of passwords, one that the server refuses is asked for anew, once.
    ///
    /// - Throws: `PostgresError` with code `cannotConnect`, or `timedOut` when the deadline passes first.
    public static func open(
        _ options: ConnectionOptions,
        deadline: Deadline
    ) throws(PostgresError) -> Connection {
        guard let source = options.passwords else { return try start(options, deadline) }
        var options = options
        while true {
            let password = try source.password(for: options.server)
            options["password"] = password.text
            do throws(PostgresError) {
                return try start(options, deadline)
            } catch {
                // 28: invalid authorization specification, a wrong password among it.
                guard error.sqlState?.classCode == "28" else { throw error }
                source.forget(password.text)
                guard !password.isNew else { throw error }
            }
        }
    }

    private static func start(
        _ options: ConnectionOptions,
        _ deadline: Deadline
    ) throws(PostgresError) -> Connection {
        let started = options.withKeywordsAndValues { PQconnectStartParams($0, $1, 0) }
        guard let started else {
            throw PostgresError(code: .cannotConnect, message: "out of memory", server: options.server)
        }
        let connection = Connection(owning: started, server: options.server)
        try connection.finishConnecting(deadline)
        try connection.askServerToLookForClient(deadline)
        return connection
    }

    /// Lets the server notice that its client is gone, so that no statement and no lock outlives it for long.
    ///
    /// While a statement runs or waits for a lock, the server looks every few seconds whether the connection is
    /// closed; a wait for a synchronous standby is not ended by that. Of a client whose machine is gone TCP's
    /// keepalives tell, after 20 s instead of two hours. What a server refuses of this does not matter.
    private func askServerToLookForClient(_ deadline: Deadline) throws(PostgresError) {
        // PostgreSQL 14 and later; a server without poll() for a closed connection refuses the first one.
        guard PQserverVersion(pointer) >= 140_000 else { return }
        do throws(PostgresError) {
            try execute(
                """
                select pg_catalog.set_config('tcp_keepalives_idle', '10', false),
                    pg_catalog.set_config('tcp_keepalives_interval', '5', false),
                    pg_catalog.set_config('tcp_keepalives_count', '2', false),
                    pg_catalog.set_config('client_connection_check_interval', '2s', false)
                """,
                deadline: deadline
            )
        } catch {
            guard error.code == .server, isOpen else { throw error }
        }
    }

    private func finishConnecting(_ deadline: Deadline) throws(PostgresError) {
        // Only the verbose form of a connection error has the SQLSTATE in it.
        PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
        var next = PQstatus(pointer) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while next != PGRES_POLLING_OK {
            switch next {
            case PGRES_POLLING_READING: try wait(for: POLLIN, deadline, doing: "connect")
            case PGRES_POLLING_WRITING: try wait(for: POLLOUT, deadline, doing: "connect")
            default: throw connectError()
            }
            next = PQconnectPoll(pointer)
        }
        PQsetErrorVerbosity(pointer, PQERRORS_DEFAULT)
        PQsetnonblocking(pointer, 1)
    }

    /// Whether libpq still regards the session as open.
    public var isOpen: Bool { PQstatus(pointer) == CONNECTION_OK }

    /// Whether what goes over the connection is encrypted, by TLS or GSSAPI.
    public var isEncrypted: Bool { PQsslInUse(pointer) == 1 || PQgssEncInUse(pointer) == 1 }

    /// Whether the connection stays on this machine: a Unix socket, or loopback.
    public var isLocal: Bool {
        // The address is empty for a Unix socket.
        let address = PQhostaddr(pointer).map { String(cString: $0) } ?? ""
        return address.isEmpty || address == "::1" || address.utf8.starts(with: "127.".utf8)
    }

    /// The backend's process id.
    public var backendProcessID: Int32 { PQbackendPID(pointer) }

    /// Whether the server accepts writes, from what it reports without being asked (PostgreSQL 14 and later).
    public var acceptsWrites: Bool {
        parameterStatus("in_hot_standby") != "on" && parameterStatus("default_transaction_read_only") != "on"
    }

    /// Whether the session's user is a superuser, from what the server reports without being asked.
    public var isSuperuser: Bool { parameterStatus("is_superuser") == "on" }

    /// A setting that the server reports by itself, such as `server_version`.
    public func parameterStatus(_ name: String) -> String? {
        PQparameterStatus(pointer, name).map { String(cString: $0) }
    }

    /// Takes the notices that came since the last call.
    public func takeNotices() -> [Notice] {
        notices.take()
    }

    /// Runs one statement with binary parameters; results come as text.
    ///
    /// - Throws: `PostgresError`: the server's error, a lost connection, or the deadline.
    @discardableResult
    public func execute(
        _ sql: String,
        _ parameters: Parameters = Parameters(),
        deadline: Deadline
    ) throws(PostgresError) -> QueryResult {
        try send(sql, parameters)
        return try collect(deadline)
    }

    /// Runs a prepared statement with binary parameters; results come as text.
    ///
    /// - Throws: `PostgresError`: the server's error, a lost connection, or the deadline.
    @discardableResult
    public func execute(
        prepared name: String,
        _ parameters: Parameters,
        deadline: Deadline
    ) throws(PostgresError) -> QueryResult {
        try send(prepared: name, parameters)
        return try collect(deadline)
    }

    /// Parses and plans a statement once under a name; its parameter types are those of `parameters`.
    public func prepare(
        _ name: String,
        _ sql: String,
        types: [UInt32],
        deadline: Deadline
    ) throws(PostgresError) {
        try checkWhole(sql)
        guard PQsendPrepare(pointer, name, sql, Int32(clamping: types.count), types) == 1 else {
            throw lost()
        }
        _ = try collect(deadline)
    }

    /// Sends a statement without waiting for its answer.
    ///
    /// - Throws: `PostgresError`; 54000 for parameters that the server would not read, and nothing is sent then.
    public func send(_ sql: String, _ parameters: Parameters = Parameters()) throws(PostgresError) {
        try checkWhole(sql)
        try requireFit(parameters)
        let sent = parameters.withLibpqArrays { count, types, values, lengths, formats in
            PQsendQueryParams(pointer, sql, count, types, values, lengths, formats, 0)
        }
        guard sent == 1 else { throw lost() }
    }

    /// Sends a prepared statement without waiting for its answer.
    public func send(prepared name: String, _ parameters: Parameters) throws(PostgresError) {
        try requireFit(parameters)
        let sent = parameters.withLibpqArrays { count, _, values, lengths, formats in
            PQsendQueryPrepared(pointer, name, count, values, lengths, formats, 0)
        }
        guard sent == 1 else { throw lost() }
    }

    /// libpq takes a statement up to its first NUL: what follows, such as a condition, would be missing.
    private func checkWhole(_ sql: String) throws(PostgresError) {
        guard sql.utf8.contains(0) else { return }
        throw PostgresError(code: .unexpected, message: "a statement has a NUL in it", server: server)
    }

    /// Refuses what the server would answer by ending the session.
    private func requireFit(_ parameters: Parameters) throws(PostgresError) {
        if let error = parameters.sizeError(server: server) { throw error }
    }

    /// Reads the answer to a statement that was sent outside a pipeline.
    private func collect(_ deadline: Deadline) throws(PostgresError) -> QueryResult {
        var answer: QueryResult? = nil
        var failure: PostgresError? = nil
        while let result = try nextResult(deadline) {
            if let error = result.error(server: server) {
                failure = failure ?? error
            } else {
                answer = consume result
            }
        }
        if let failure { throw failure }
        guard let answer else {
            guard isOpen else { throw lost() }
            throw PostgresError(code: .unexpected, message: "statement without an answer", server: server)
        }
        return answer
    }

    /// The next result, or `nil` where libpq ends a statement's results.
    func nextResult(_ deadline: Deadline) throws(PostgresError) -> QueryResult? {
        while true {
            let unsent = PQflush(pointer)
            // A session that ended may have left the server's last words in the buffer: only PQgetResult parses
            // them, with their SQLSTATE. It does not block here, because there is no socket any more.
            if unsent < 0 { break }
            if PQisBusy(pointer) == 0 { break }
            try wait(for: unsent == 1 ? POLLIN | POLLOUT : POLLIN, deadline, doing: "answer")
            // A failure here is reported by the next result, with the server's last words if there are any.
            _ = PQconsumeInput(pointer)
        }
        guard let result = PQgetResult(pointer) else { return nil }
        return QueryResult(owning: result)
    }

    /// The socket's failure in libpq's words.
    func lost() -> PostgresError {
        let message = PQerrorMessage(pointer).map { String(cString: $0) } ?? ""
        return PostgresError(
            code: PQstatus(pointer) == CONNECTION_BAD ? .connectionLost : .unexpected,
            message: message.withoutRemarks,
            server: server
        )
    }

    private func connectError() -> PostgresError {
        let text = (PQerrorMessage(pointer).map { String(cString: $0) } ?? "").withoutRemarks
        // Verbose errors read `FATAL:  28P01: message; LOCATION:  file`; the severity may be translated.
        var message = text.components(before: "; LOCATION:")
        var sqlState: SQLState? = nil
        if let match = try? #/:  ([0-9A-Z]{5}): /#.matchingSemantics(.unicodeScalar).firstMatch(in: message) {
            sqlState = SQLState(String(match.1))
            message.replaceSubrange(match.range, with: ": ")
        }
        return PostgresError(code: .cannotConnect, sqlState: sqlState, message: message, server: server)
    }

    private func wait(
        for events: Int32,
        _ deadline: Deadline,
        doing what: String
    ) throws(PostgresError) {
        var descriptor = pollfd(fd: PQsocket(pointer), events: Int16(events), revents: 0)
        guard descriptor.fd >= 0 else { throw lost() }
        while true {
            let ready = poll(&descriptor, 1, deadline.remainingMilliseconds)
            if ready > 0 { return }
            if ready == 0 && deadline.hasPassed {
                throw PostgresError(code: .timedOut, message: "waited for \(what)", server: server)
            }
            if ready < 0 && errno != EINTR { throw lost() }
        }
    }
}

extension String {
    fileprivate func components(before marker: String) -> String {
        guard let range = range(ofBytes: marker) else { return self }
        return String(self[..<range.lowerBound])
    }
}
