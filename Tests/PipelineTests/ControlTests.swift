// Longer than other files: each test plays one attack on the control tables, from its preparation to its end.
import Foundation
import Testing

/// Where the programs keep their state, and who may write it.
extension PipelineTests {
    /// Whoever may make a schema may wait for a sink of somebody else's to use it.
    @Test func `a planted control table is refused, and nothing of it runs as the sink's user`() async throws
    {
        let side = try SidePipeline(lab, "planted")
        defer {
            side.remove()
            _ = try? lab.verb("psql", "destination", "-qc", "drop role if exists mallory")
        }
        try lab.verb("psql", "destination", "-qc", "create role mallory")
        // Without a topic a sink waits, and looks at nothing.
        try side.makeTopic()
        let plant = """
            drop schema handover cascade;
            grant create on database planted to mallory;
            set role mallory;
            create schema handover;
            grant usage on schema handover to public;
            create table handover.sink_progress (
                sink text not null, topic text not null, "partition" int not null,
                next_offset bigint not null, events bigint not null default 0,
                last_offset bigint, last_timestamp bigint,
                updated_at timestamptz not null default now(), primary key (sink, topic, "partition"));
            grant all on handover.sink_progress to public;
            create function handover.strike() returns trigger language plpgsql as
                $$ begin execute 'alter role mallory superuser'; return new; end $$;
            create trigger strike before insert on handover.sink_progress
                for each row execute function handover.strike();
            reset role;
            """
        try psql(side, plant)
        let isSuperuser = "select rolsuper from pg_roles where rolname = 'mallory'"
        // The second one is what made it dangerous: a sink that is a superuser.
        for user in ["handover_sink", "postgres"] {
            let file = try side.sinkFile(as: user)
            let told = try await refusal(of: file, side)
            #expect(told.contains("belongs to mallory"), "\(user): \(told)")
            let check = try side.run("sink", "check", file)
            #expect(check.code == 1)
            #expect(check.output.contains("belongs to mallory"), "\(user): \(check.output)")
            #expect(try lab.query("destination", isSuperuser) == "f", "\(user)")
        }
        // A table of the sink's own kind with a trigger of somebody else's.
        try psql(
            side,
            """
            alter schema handover owner to postgres; alter table handover.sink_progress owner to postgres
            """
        )
        let told = try await refusal(of: side.sinkFile, side)
        #expect(told.contains("has the trigger strike"), "\(told)")
        #expect(told.contains("drop trigger"), "\(told)")
        #expect(try lab.query("destination", isSuperuser) == "f")
    }

    @Test func `a function, an operator or a table that lies in the role's search path is never taken`()
        async throws
    {
        let side = try SidePipeline(lab, "shadowing")
        defer { side.remove() }
        // An exact match for what the sink's statements call, and a table that hides the sink's.
        let shadow = """
            create function public.unnest(text[]) returns setof text language plpgsql as
                $$ begin raise exception 'a planted function ran'; end $$;
            create function public.cardinality(int[]) returns int language plpgsql as
                $$ begin raise exception 'a planted function ran'; end $$;
            create function public.refuse(text, text) returns boolean language plpgsql as
                $$ begin raise exception 'a planted operator ran'; end $$;
            create operator public.= (leftarg = text, rightarg = text, function = public.refuse);
            alter role handover_sink in database shadowing set search_path = public, pg_catalog;
            """
        try psql(side, shadow)
        try side.makeTopic()
        let sink = try side.start("sink", "run", side.sinkFile)
        defer { sink.discard() }
        try await lab.until("the record is applied", within: .seconds(60)) {
            try side.query("destination", "select current_value from debezium_table where id = 1") == "7"
        }
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(20)) == .exit(0), "\(sink.text)")
    }

    /// The sink's progress is what makes exactly once: a record that could write it could skip or repeat what
    /// others sent.
    @Test func `records that choose a table of the programs' own or the server's are set aside`()
        async throws
    {
        let side = try SidePipeline(lab, "chosen")
        defer { side.remove() }
        try psql(
            side,
            """
            create view public.innocent as select * from handover.sink_progress;
            grant all on public.innocent to handover_sink;
            create schema other; create table other.t (id int primary key, current_value bigint);
            grant usage on schema other to handover_sink; grant all on other.t to handover_sink;
            create table public.one (id int primary key, current_value bigint);
            create table public.two (id int primary key, current_value bigint);
            create table public.three (id int primary key, current_value bigint);
            """
        )
        let bad = [
            ("handover", "sink_progress"), ("HANDOVER", "SINK_PROGRESS"), ("handover", "new"),
            ("pg_catalog", "pg_class"), ("information_schema", "sql_parts"), ("public", "innocent"),
            ("public", "sink_dead_letters"), ("other", "t"), ("public", "handover.sink_progress"),
        ]
        // Two tables are allowed, so the third is one too many.
        let named = [("public", "one")] + bad + [("public", "two"), ("public", "three"), ("public", "one")]
        try side.produce(
            named.enumerated().map { number, name in
                [
                    "topic": side.topic, "key": #"{"id": \#(number)}"#,
                    "value": """
                    {"op": "c", "before": null, "after": {"id": \(number), "current_value": 1}, \
                    "source": {"schema": "\(name.0)", "table": "\(name.1)"}}
                    """,
                ]
            }
        )
        let file = try side.sinkFile(changing: [
            "collection.name.format": "${source.schema}.${source.table}",
            "collection.schema.include.list": "public", "collections.max": "2", "errors.tolerance": "all",
        ])
        let sink = try side.start("sink", "run", file)
        defer { sink.discard() }
        try await lab.until("all records are gone past", within: .seconds(60)) {
            try side.progress() == named.count
        }
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(20)) == .exit(0), "\(sink.text)")
        #expect(try side.query("destination", "select count(*) from public.one") == "2")
        #expect(try side.query("destination", "select count(*) from public.two") == "1")
        #expect(try side.query("destination", "select count(*) from public.three") == "0")
        #expect(try side.query("destination", "select count(*) from other.t") == "0")
        #expect(
            try side.query("destination", "select count(distinct sink) from handover.sink_progress") == "1"
        )
        for words in [
            "the sink's own tables", "the server's own", "would go to handover.sink_progress",
            "collection.schema.include.list", "collections.max allows no more",
        ] {
            #expect(sink.text.contains(words), "\(words) is not in \(sink.text)")
        }
        // Without tolerance the first of them stops the sink in front of it.
        let strict = try side.sinkFile(
            changing: ["collection.name.format": "${source.schema}.${source.table}"],
            name: "chosen-strict"
        )
        let told = try await refusal(of: strict, side)
        #expect(told.contains("records are never written there"), "\(told)")
    }

    /// Commit 51d3a7c made them wherever `search_path` led: here its statements, word for word.
    @Test func `an installation whose tables are in public goes on where it was after one command`()
        async throws
    {
        let side = try SidePipeline(lab, "migrated")
        defer { side.remove() }
        try psql(
            side,
            "create table public.log (id int, current_value bigint); grant all on public.log to handover_sink"
        )
        // Inserted without a key: what is applied twice is there twice.
        let file = try side.sinkFile(changing: [
            "collection.name.format": "log", "insert.mode": "insert", "primary.key.mode": "none",
            "primary.key.fields": nil, "delete.enabled": "false",
        ])
        try side.produce(numbers: 1...300)
        let first = try side.start("sink", "run", file, log: "first")
        defer { first.discard() }
        try await lab.until("the first records", within: .seconds(60)) { try side.progress() == 300 }
        #expect(try await first.ends(by: SIGTERM, within: .seconds(20)) == .exit(0), "\(first.text)")
        try psql(side, Self.formerTables)
        try side.produce(numbers: 301...500)

        let wayOut = "psql DATABASE -f sql/migrate.sql"
        let told = try await refusal(of: file, side)
        #expect(told.contains(wayOut), "\(told)")
        let check = try side.run("sink", "check", file)
        #expect(check.code == 1)
        #expect(check.output.contains(wayOut), "\(check.output)")
        #expect(try side.query("destination", "select count(*) from log") == "300")

        try migrate()
        let second = try side.start("sink", "run", file, log: "second")
        defer { second.discard() }
        try await lab.until("all records", within: .seconds(60)) { try side.progress() == 500 }
        #expect(try await second.ends(by: SIGTERM, within: .seconds(20)) == .exit(0), "\(second.text)")
        #expect(
            try side.query("destination", "select count(*), count(distinct id), max(id) from log")
                == "500|500|500"
        )
        #expect(try side.query("destination", "select to_regclass('public.sink_progress') is null") == "t")
        // Dead letters that nobody had acknowledged came along, and a second run changes nothing.
        #expect(try side.query("destination", "select count(*) from handover.sink_dead_letters") == "1")
        try migrate()
        #expect(try side.progress() == 500)
    }

    /// What the sink has stored becomes what commit 51d3a7c would have stored, made by its own statements.
    private static let formerTables = """
        begin;
        create table public.sink_progress (
            sink text not null, topic text not null, "partition" int not null,
            next_offset bigint not null, events bigint not null default 0,
            last_offset bigint, last_timestamp bigint,
            updated_at timestamptz not null default now(), primary key (sink, topic, "partition"));
        create table public.sink_dead_letters (
            sink text not null, topic text not null, "partition" int not null, "offset" bigint not null,
            reason text not null, key bytea, value bytea, headers bytea not null, timestamp_ms bigint,
            dead_letter_topic text not null, dead_letter_partition int not null,
            search_start bigint not null, failed_at timestamptz not null default now(),
            primary key (sink, topic, "partition", "offset"));
        insert into public.sink_progress
            select sink, topic, "partition", next_offset, events, last_offset, last_timestamp, updated_at
            from handover.sink_progress;
        delete from handover.sink_progress;
        insert into public.sink_dead_letters values
            ('other', 't', 0, 5, 'bad', null, null, '', 0, 'dead', 0, 0);
        commit;
        """

    /// The guard's role may not make a table: a DBA has made it, in the lab as anywhere.
    @Test func `a guard whose state is in public holds the gate until it was moved, and knows it then`()
        async throws
    {
        let rights = "select has_schema_privilege('handover_guard', 'handover', 'create')"
        #expect(try lab.query("source", rights) == "f")
        try await lab.until("the gate is open", within: .seconds(60)) { try gate().contains("open") }
        try lab.verb("stop", "guard")
        // As commit 51d3a7c made it.
        let former = """
            create table if not exists public.handover_guard (
                connector text primary key,
                state text not null,
                changed_at timestamptz not null default now()
            );
            insert into public.handover_guard select * from handover.handover_guard;
            delete from handover.handover_guard;
            """
        try lab.verb("psql", "source", "-q", "-v", "ON_ERROR_STOP=1", "-c", former)
        let state = try lab.query("source", "select connector, state from public.handover_guard")
        try lab.verb("start", "guard")
        try await lab.until("the guard names the way on", within: .seconds(60)) {
            try lab.verb("logs", "guard", "-n", "20").contains("psql DATABASE -f sql/migrate.sql")
        }
        #expect(try !gate().contains("open"))
        #expect(try lab.query("source", "select count(*) from handover.handover_guard") == "0")
        // Nobody moves it under a guard that is at work.
        try lab.verb("stop", "guard")
        try lab.verb("psql", "source", "-q", "-f", SidePipeline.root + "sql/migrate.sql")
        #expect(try lab.query("source", "select connector, state from handover.handover_guard") == state)
        try lab.verb("start", "guard")
        try await lab.until("the gate is open again", within: .seconds(60)) { try gate().contains("open") }
        // It was cleared before: nothing is decided anew.
        let metrics = try guardAnswer("/metrics")
        #expect(metrics.contains(#"handover_guard_actions_total{action="clears"} 0"#), "\(metrics)")
    }

    private func gate() throws -> String {
        let status = try guardAnswer("/status")
        let words = status.split(separator: ",").first { $0.contains(#""gate""#) }
        return words.map(String.init) ?? ""
    }

    private func guardAnswer(_ path: String) throws -> String {
        let url = try #require(lab.environment["HANDOVER_GUARD_URL"])
        return try Command.run("/usr/bin/curl", ["-s", "-m", "5", url + path]).output
    }

    /// A missing right shows nowhere while a superuser does the work.
    @Test func `no program and no connector of the lab is a superuser`() throws {
        for side in ["source", "destination"] {
            let sessions = """
                select string_agg(distinct usename || ' ' || application_name, ', ') from pg_stat_activity
                join pg_roles on rolname = usename where rolsuper
                    and backend_type in ('client backend', 'walsender') and application_name <> 'psql'
                    and application_name not like 'Patroni%' and pid <> pg_backend_pid()
                """
            #expect(try lab.query(side, sessions) == "", "\(side)")
        }
        let guarded = "select count(*) > 0 from pg_stat_activity where usename = 'handover_guard'"
        #expect(try lab.query("source", guarded) == "t")
    }

    /// What a sink says that must end by itself with 1.
    private func refusal(of file: String, _ side: SidePipeline) async throws -> String {
        let sink = try side.start("sink", "run", file, log: "refused")
        defer { sink.discard() }
        try await lab.until("the sink ends", within: .seconds(60)) { sink.end != nil }
        #expect(sink.end == .exit(1), "\(sink.text)")
        return sink.text
    }

    /// What docs/roles.md says to an installation of an earlier version.
    private func migrate() throws {
        try lab.verb(
            "psql",
            "destination",
            "-q",
            "-c",
            "\\c migrated",
            "-f",
            SidePipeline.root + "sql/migrate.sql"
        )
    }

    private func psql(_ side: SidePipeline, _ sql: String) throws {
        try lab.verb(
            "psql",
            "destination",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            "\\c \(side.name)",
            "-c",
            "set client_min_messages = warning",
            "-c",
            sql
        )
    }
}
