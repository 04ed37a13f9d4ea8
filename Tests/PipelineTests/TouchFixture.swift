import Foundation
import Model
import Postgres
import Testing

@testable import Guard

/// A schema of tables at the leader, a publication of them, a session that repairs, and what the server decodes.
///
/// The events are those of `test_decoding`, which names each value that it does not have. pgoutput leaves out the same
/// ones.
struct TouchFixture: ~Copyable {
    static let schema = "touching"
    static let publication = "touching"

    private let connection: Connection
    private let session: RepairSession

    init(_ lab: Lab) throws {
        var options = try ConnectionOptions(try #require(lab.environment["HANDOVER_ADMIN_SOURCE_URL"]))
        options["passfile"] = lab.environment["PGPASSFILE"]
        let deadline = Deadline.after(.seconds(60))
        let connection = try Connection.open(options, deadline: deadline)
        for statement in Self.statements {
            do { try connection.execute(statement, deadline: deadline) } catch {
                throw Broken(statement, error)
            }
        }
        // One that was built without libxml has no such values, and before PostgreSQL 18 every generated value is stored.
        for statement in [
            "update kinds set c_xml = xmlelement(name a, noise(30000))",
            "alter table kinds add c_lower text generated always as (lower(c_text)) virtual",
        ] { _ = try? connection.execute(statement, deadline: deadline) }
        let slot = "select pg_create_logical_replication_slot('touching', 'test_decoding', temporary => true)"
        try connection.execute(slot, deadline: deadline)
        let file = try connection.execute("select pg_walfile_name(pg_current_wal_lsn())", deadline: deadline)
            .text(0, 0)
        session = try RepairSession.open(
            options,
            on: try #require(file.flatMap { Timeline(walFileName: $0) })
        )
        self.connection = connection
    }

    struct Broken: Error, CustomStringConvertible {
        let description: String
        init(_ statement: String, _ error: any Error) { description = "\(statement): \(error)" }
    }

    deinit {
        for statement in Self.end { _ = try? connection.execute(statement, deadline: .after(.seconds(20))) }
    }

    @discardableResult
    func run(_ statement: String) throws -> String? {
        let answer = try connection.execute(statement, deadline: .after(.seconds(60)))
        return answer.rowCount == 0 ? nil : answer.text(0, 0)
    }

    /// What the server has decoded since it was asked last: the changes of the schema's tables.
    func events() throws -> [String] {
        let answer = try connection.execute(
            """
            select data from pg_logical_slot_get_changes('touching', null, null)
            where data like 'table \(Self.schema).%'
            """,
            deadline: .after(.seconds(60))
        )
        return (0..<answer.rowCount).compactMap { answer.text($0, 0) }
    }

    /// How many values the events do not have.
    func missingValueCount() throws -> Int {
        try events().reduce(0) { $0 + $1.components(separatedBy: "unchanged-toast-datum").count - 1 }
    }

    func put(
        right key: [(String, String)],
        of name: String,
        publication: String? = TouchFixture.publication
    ) throws -> (PhantomOutcome, String?) {
        let table = try session.table(.init(schema: Self.schema, name: name), publication: publication)
        return try session.put(right: key.map { .init(column: $0.0, text: $0.1) }, of: table)
    }

    /// Each row of a table as text, hashed.
    func hash(of name: String) throws -> String? {
        try run("select md5(string_agg(t::text, E'\\n' order by t::text)) from \(Self.schema).\(name) t")
    }

    private static let end = [
        "drop publication if exists touching", "drop schema if exists touching cascade",
    ]

    private static let statements =
        end + [
            "create schema touching", "create extension if not exists hstore",
            "create extension if not exists citext", "set search_path = touching, public",
            // What no compression makes smaller, of so many characters.
            """
            create function noise(n int) returns text language sql as
            $$ select string_agg(md5(random()::text || g), '') from generate_series(1, n / 32) g $$
            """,
            "create type pair as (a int, b text)", "create type mood as enum ('calm', 'loud')",
            "create domain note as text check (length(value) > 3)", "create domain notes as text[]",
            """
            create table kinds (
                region text, number int, state int default 0, r int default 1,
                c_text text, c_external text, c_main text, c_squeezed text, c_varchar varchar, c_length varchar(40000),
                c_bpchar bpchar, c_char char(33000), c_bytea bytea, c_json json, c_jsonb jsonb, c_texts text[],
                c_ints int[], c_moods mood[], c_floats float8[], c_xml xml, c_hstore hstore, c_citext citext,
                c_pair pair, c_pairs pair[], c_note note, c_notes notes, c_vector tsvector, c_range numrange,
                c_multi int8multirange, c_numeric numeric, c_bits varbit, c_path path, c_null text,
                c_upper text generated always as (upper(c_text)) stored,
                primary key (region, number)
            )
            """,
            "alter table kinds alter c_external set storage external, alter c_main set storage main",
            """
            insert into kinds (region, number, c_text, c_external, c_main, c_squeezed, c_varchar, c_length, c_bpchar, c_char,
                c_bytea, c_json, c_jsonb, c_texts, c_ints, c_moods, c_floats, c_hstore, c_citext, c_pair, c_pairs,
                c_note, c_notes, c_vector, c_range, c_multi, c_numeric, c_bits, c_path)
            select 'eu', 1, noise(30000), noise(30000), noise(30000), repeat('the same again ', 200000), noise(30000),
                noise(30000), noise(30000) || '   ', noise(30000), decode(noise(60000), 'hex'), to_json(noise(30000)),
                jsonb_build_object('a', noise(30000)), array[noise(30000), null, noise(10000)],
                (select array_agg((random() * 1e9)::int) from generate_series(1, 8000)),
                (select array_agg((case when random() < 0.5 then 'calm' else 'loud' end)::mood)
                    from generate_series(1, 40000)),
                (select array_agg(random() * 1e-3) from generate_series(1, 6000)),
                hstore('k', noise(30000)), noise(30000)::citext,
                row(1, noise(30000))::pair, array[row(1, noise(30000))::pair], noise(30000), array[noise(30000)],
                (select to_tsvector('simple', string_agg(md5(g::text || random()), ' ')) from generate_series(1, 2000) g),
                numrange((random() * 10 + 1)::numeric, ('9' || translate(noise(20000), 'abcdef', '123456'))::numeric),
                (select range_agg(int8range(g * 1000000000::int8 + (random() * 1e6)::int,
                    g * 1000000000::int8 + 200000000 + (random() * 1e6)::int)) from generate_series(1, 3000) g),
                translate(noise(60000), 'abcdef', '123456')::numeric,
                (select string_agg((random() < 0.5)::int::text, '')::varbit from generate_series(1, 100000)),
                (select path(('[' || string_agg('(' || random() || ',' || random() || ')', ',') || ']')::text)
                    from generate_series(1, 1500))
            """,
            "create table parts (number int primary key, state int, body text, size int generated always as (length(body)) stored) partition by range (number)",
            "create table parts_low partition of parts for values from (0) to (10)",
            "create table parts_high partition of parts for values from (10) to (20)",
            "insert into parts select g, 0, noise(30000) from generate_series(1, 15) g",
            // A generated value that depends on nothing that is large.
            "create table computed (number int primary key, state int, body text generated always as (repeat(md5(number::text), 3000)) stored)",
            "alter table computed alter body set storage external",
            "insert into computed values (1)",
            "create table stamped (number int primary key, body text, changed int default 0)",
            """
            create function stamp() returns trigger language plpgsql as
            $$ begin new.changed := new.changed + 1; return new; end $$
            """,
            "create trigger stamp before update on stamped for each row execute function stamp()",
            "insert into stamped values (1, noise(30000)), (2, noise(30000))",
            "create table hidden (number int primary key, body text)", "insert into hidden values (1, 'x')",
            "create table chosen (number int primary key)", "insert into chosen values (1), (2)",
            "create table named (number int primary key, code text not null unique, body text)",
            "alter table named replica identity using index named_code_key",
            "insert into named values (1, 'a', noise(30000)), (2, 'b', noise(30000))",
            "create table heir (primary key (number)) inherits (named)",
            "insert into heir values (1, 'a', noise(30000))",
            """
            create publication touching
            for table kinds, parts, computed, stamped, named, chosen where (number between 2 and 5)
            with (publish_via_partition_root = true)
            """,
        ]
}
