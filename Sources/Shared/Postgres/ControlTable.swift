public import Model

/// One of the tables in which the programs keep what they must not lose: progress, dead letters, the guard's state.
///
/// They live in a schema of their own, and every statement names it. A table that somebody else owns, or that runs
/// somebody else's code, is refused: what it holds is theirs, and its triggers would run with this user's rights.
public struct ControlTable: Sendable, Hashable {
    /// The schema as the catalog has it.
    public let schema: String
    /// The table as the catalog has it.
    public let name: String

    public init(schema: String = ControlTable.defaultSchema, name: String) {
        (self.schema, self.name) = (schema, name)
    }

    /// The schema unless somebody chooses another.
    public static let defaultSchema = "handover"
    /// How far each partition is applied.
    public static let progressName = "sink_progress"
    /// Dead letters on their way.
    public static let deadLettersName = "sink_dead_letters"
    /// What the guard knows about its connector.
    public static let guardName = "handover_guard"

    /// The name for a statement.
    public var quoted: String { "\(quotedIdentifier(schema)).\(quotedIdentifier(name))" }

    /// The parameters of the queries about it.
    var parameters: Parameters {
        var parameters = Parameters()
        parameters.append(schema)
        parameters.append(name)
        return parameters
    }

    /// The roles that this user is or is a member of, as a query that begins with `with recursive`.
    ///
    /// `pg_has_role` would not do: it counts a superuser as a member of every role, also of an attacker's.
    static let trusted = """
        with recursive mine(role) as (
            select oid from pg_catalog.pg_roles where rolname = current_user
            union select m.roleid from pg_catalog.pg_auth_members m join mine on m.member = mine.role
        ), trusted(role) as (
            select role from mine union select oid from pg_catalog.pg_roles where rolsuper
        )
        """
}

/// What the catalog says about a control table.
public struct ControlTableState: Sendable, Equatable {
    /// Who owns something, and whether this user trusts them: they are this user, a role that it is a member of, or a
    /// superuser.
    public struct Owner: Sendable, Equatable {
        public var name: String
        public var isTrusted: Bool

        public init(_ name: String, isTrusted: Bool) {
            (self.name, self.isTrusted) = (name, isTrusted)
        }
    }

    public var user = ""
    /// `nil` where there is no such schema.
    public var schemaOwner: Owner?
    /// `nil` where there is no such table.
    public var owner: Owner?
    /// `pg_class.relkind`.
    public var kind = "r"
    /// `pg_class.relpersistence`.
    public var persistence = "p"
    public var triggers: [String] = []
    public var rules: [String] = []
    public var hasRowSecurity = false

    public init() {}

    /// Why the table must not be used, with the way out; `nil` where nothing speaks against it.
    public func refusal(of table: ControlTable) -> String? {
        let name = table.quoted
        if let schemaOwner, !schemaOwner.isTrusted {
            return foreign("schema \(quotedIdentifier(table.schema))", schemaOwner)
        }
        guard let owner else { return nil }
        guard owner.isTrusted else { return foreign("table \(name)", owner) }
        guard kind == "r" else {
            return "\(name) is not an ordinary table; drop it, or choose another schema"
        }
        guard persistence == "p" else {
            return "table \(name) does not outlive a crash of the server; run: alter table \(name) set logged"
        }
        if let trigger = triggers.first {
            let drop = "drop trigger \(quotedIdentifier(trigger)) on \(name)"
            return
                "table \(name) has the trigger \(trigger), which would run with this user's rights; run: \(drop)"
        }
        if let rule = rules.first {
            let drop = "drop rule \(quotedIdentifier(rule)) on \(name)"
            return "table \(name) has the rule \(rule), which would run with this user's rights; run: \(drop)"
        }
        guard !hasRowSecurity else {
            let disable = "alter table \(name) disable row level security"
            return "table \(name) has row level security, which may hide rows from this user; run: \(disable)"
        }
        return nil
    }

    private func foreign(_ object: String, _ owner: Owner) -> String {
        "\(object) belongs to \(owner.name), who is neither this user nor a role that it is a member of, nor a "
            + "superuser: whoever made it could run code with this user's rights. If its content is yours, run as a "
            + "superuser: alter \(object) owner to \(quotedIdentifier(user)); otherwise drop it"
    }
}

extension ControlTable {
    private static let stateQuery = """
        \(trusted)
        select current_user, n.oid is not null, n.nspowner::regrole::text,
            n.nspowner in (select role from trusted) or coalesce(n.nspowner = to_regrole('pg_database_owner'), false),
            c.oid is not null, c.relowner::regrole::text, c.relowner in (select role from trusted),
            c.relkind, c.relpersistence, c.relrowsecurity,
            (select t.tgname from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal order by 1 limit 1),
            (select r.rulename from pg_rewrite r where r.ev_class = c.oid order by 1 limit 1)
        from (values ($1, $2)) as wanted(schema, name)
        left join pg_namespace n on n.nspname = wanted.schema
        left join pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
        """

    /// Asks the catalog; the session must be pinned.
    public func state(
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> ControlTableState {
        let answer = try connection.execute(Self.stateQuery, parameters, deadline: deadline)
        var state = ControlTableState()
        state.user = answer.text(0, 0) ?? ""
        if answer.text(0, 1) == "t" {
            state.schemaOwner = .init(answer.text(0, 2) ?? "?", isTrusted: answer.text(0, 3) == "t")
        }
        guard answer.text(0, 4) == "t" else { return state }
        state.owner = .init(answer.text(0, 5) ?? "?", isTrusted: answer.text(0, 6) == "t")
        state.kind = answer.text(0, 7) ?? ""
        state.persistence = answer.text(0, 8) ?? ""
        state.hasRowSecurity = answer.text(0, 9) == "t"
        state.triggers = answer.text(0, 10).map { [$0] } ?? []
        state.rules = answer.text(0, 11).map { [$0] } ?? []
        return state
    }

    /// Asks the catalog, and refuses a table that must not be used: it is not read either.
    ///
    /// - Throws: `PostgresError` with code `refused`.
    public func usableState(
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> ControlTableState {
        let state = try state(on: connection, deadline: deadline)
        if let reason = state.refusal(of: self) { throw .refused(reason, connection.server) }
        return state
    }

    /// Makes the table where it is not there; the session must be pinned.
    ///
    /// Where it is there, no right to create anything is needed.
    ///
    /// - Parameters:
    ///   - columns: what stands between the brackets of `create table`.
    ///   - key: the first column of the key, and whose rows an earlier version must not have left elsewhere; `nil`
    ///     where that has been looked at.
    /// - Throws: `PostgresError` with code `refused` for a table that must not be used, and for what an earlier version
    ///   has left.
    public func make(
        _ columns: String,
        unlessEarlier key: (column: String, value: String)? = nil,
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) {
        let found = try usableState(on: connection, deadline: deadline)
        if let key {
            try refuseEarlier(key.column, of: key.value, found, on: connection, deadline: deadline)
        }
        guard found.owner == nil else { return }
        do throws(PostgresError) {
            if found.schemaOwner == nil {
                try connection.createIfMissing(
                    "create schema if not exists \(quotedIdentifier(schema))",
                    deadline: deadline
                )
            }
            try connection.createIfMissing(
                "create table if not exists \(quoted) (\(columns))",
                deadline: deadline
            )
        } catch {
            guard error.code == .server, error.sqlState == .insufficientPrivilege else { throw error }
            throw .refused(
                "table \(quoted) is not there, and \(found.user) may not make it (\(error.message)); have "
                    + "sql/roles.sql run by a superuser, which makes it (docs/roles.md)",
                connection.server
            )
        }
        // Somebody else may have been faster.
        _ = try usableState(on: connection, deadline: deadline)
    }
}

extension Connection {
    /// Runs a `create … if not exists` that several sessions may run at the same moment.
    ///
    /// PostgreSQL looks for the object first and makes it then: two that look at once both make it, and the later one
    /// is refused for a duplicate in the catalog, when the object of the other is there.
    ///
    /// - Throws: `PostgresError` for anything else.
    public func createIfMissing(_ statement: String, deadline: Deadline) throws(PostgresError) {
        do throws(PostgresError) {
            try execute(statement, deadline: deadline)
        } catch {
            let races: [SQLState] = [.uniqueViolation, .duplicateTable, .duplicateSchema, .duplicateObject]
            guard error.code == .server, let state = error.sqlState, races.contains(state) else {
                throw error
            }
        }
    }
}
