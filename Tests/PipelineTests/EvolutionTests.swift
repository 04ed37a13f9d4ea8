import Foundation
import Testing

extension PipelineTests {
    /// The destination has no table: the snapshot's schema creates it, a new column of the source is added, and
    /// what somebody does to the table by hand is found out.
    @Test func `a table is created, grows with its source and is read again after a change by hand`()
        async throws
    {
        let table = """
            create table evolving (
                id int, part varchar(10), name text not null default 'it''s', amount numeric(10, 2),
                flag boolean not null default true, at timestamp(3), zone timestamptz, doc jsonb, ref uuid,
                tags text[], days date[], bits bit(4), raw bytea, ratio double precision, span interval,
                primary key (id, part))
            """
        let insert = """
            insert into evolving values
                (1, 'a', 'one', 12.34, true, '2024-02-29 12:34:56.789', '2024-02-29 12:34:56.789012+02', '{"a": 1}',
                    '8b0c2d1e-0000-4000-8000-00000000abcd', array['x', null], array['2024-02-29'::date], b'0101',
                    '\\x0102', 0.1, null),
                (2, 'b', 'two', null, false, null, null, null, null, null, null, null, null, null, null)
            """
        let publication = "create publication evolving_publication for table evolving"
        // Rows for both lanes, so that both want to create the table.
        let others = "insert into evolving (id, part) select i, 'many' from generate_series(100, 299) i"
        try lab.verb("psql", "source", "-q", "-c", table, "-c", insert, "-c", others, "-c", publication)
        let connector = try evolutionFile("register-evolving.json", Self.evolvingConnector.document)
        try lab.verb("register-source", connector)
        let file = try evolutionFile("evolving-sink.json", try evolutionConfiguration())
        defer { _ = try? lab.verb("delete-connector", "evolving-connector") }
        try await expectForecast(file)
        let sink = try lab.start("sink", "run", file)
        defer { sink.terminate() }
        try await expectCopy(
            "id, part, name, amount, flag, at, zone, doc::text, ref, tags, days, bits, raw, ratio"
        )
        let types = """
            select string_agg(column_name || ' ' || data_type || ' ' || is_nullable, ', ' order by ordinal_position)
            from information_schema.columns where table_name = 'evolving_copy' and ordinal_position < 6
            """
        #expect(
            try lab.query("destination", types)
                == "id integer NO, part text NO, name text NO, amount numeric YES, flag boolean NO"
        )

        let grow = """
            alter table evolving add column age int, add column weight numeric(6, 3),
                add column level int not null default 7
            """
        let change = "update evolving set age = 30, weight = 1.5 where id = 1"
        let more = "insert into evolving (id, part, age) values (3, 'c', 5)"
        try lab.verb("psql", "source", "-q", "-c", grow, "-c", change, "-c", more)
        try await expectCopy("id, part, name, amount, age, weight, level")

        // The sink holds a description of the table with the column.
        let drop = "alter table evolving_copy drop column age, drop column ratio"
        try lab.verb("psql", "destination", "-qc", drop)
        let touch = "update evolving set name = name || '!', age = 31, ratio = 0.5"
        try lab.verb("psql", "source", "-q", "-c", touch, "-c", "delete from evolving where id = 2")
        try await expectCopy("id, part, name, age, ratio, weight, level")
        #expect(sink.isRunning)

        try lab.verb("psql", "source", "-qc", "alter table evolving drop column weight")
        try lab.verb("psql", "source", "-qc", "insert into evolving (id, part) values (4, 'old'), (5, 'old')")
        try await expectCopy("id, part, name, age, level")

        // A table that was dropped comes back with what changes from then on.
        try lab.verb("psql", "destination", "-qc", "drop table evolving_copy")
        try lab.verb("psql", "source", "-qc", "update evolving set age = 50 where id in (1, 3)")
        try await lab.until("two rows in a new table", within: .seconds(60)) {
            let rows = "select string_agg(id || ' ' || age, ', ' order by id) from evolving_copy"
            return (try? lab.query("destination", rows)) == "1 50, 3 50"
        }

        // The rows that are there would have no value: a person must say what they get.
        try lab.verb(
            "psql",
            "source",
            "-q",
            "-c",
            "alter table evolving add column due timestamptz not null default now()",
            "-c",
            "insert into evolving (id, part) values (7, 'due')"
        )
        try await lab.until("the sink stops at the new column", within: .seconds(60)) { !sink.isRunning }
        #expect(sink.terminationStatus == 1)
        try lab.verb("psql", "destination", "-qc", "alter table evolving_copy add column due timestamptz")
        // The embedded broker's group may hang for good when two lanes leave at the same moment.
        let again = try evolutionConfiguration(group: "evolving-again")
        let next = try lab.start("sink", "run", try evolutionFile("evolving-again.json", again))
        defer { next.terminate() }
        let due = { (table: String) in "select id, part, due from \(table) where id = 7" }
        try await lab.until("the row after the new column", within: .seconds(60)) {
            try lab.query("destination", due("evolving_copy")) == lab.query("source", due("evolving"))
        }
        #expect(try lab.query("destination", "select count(*) from evolving_copy") == "3")
        next.terminate()
        next.end()
        #expect(next.terminationStatus == 0)
    }

    /// `check` and `explain` say what will be created; `validate-only` stops for want of it.
    private func expectForecast(_ file: String) async throws {
        let explained = try lab.program("sink", "explain", file)
        #expect(explained.code == 0)
        #expect(explained.output.contains("create table if not exists \"evolving_copy\""))
        try await lab.until("check finds the topic", within: .seconds(60)) {
            let checked = try lab.program("sink", "check", file)
            return checked.code == 0 && checked.output.contains("will create it in public")
        }
        let strict = try evolutionConfiguration("validate-only")
        #expect(try lab.program("sink", "run", try evolutionFile("strict.json", strict)).code == 1)
    }

    private static let evolvingConnector = DebeziumConnector(
        name: "evolving-connector",
        prefix: "evolving",
        slot: "evolving_slot",
        publication: "evolving_publication",
        tables: "public.evolving",
        partitionCount: 2,
        // Null stays null although the column has a default.
        more: ["value.converter.replace.null.with.default": "false"]
    )

    private func evolutionConfiguration(
        _ evolution: String = "basic",
        group: String? = nil
    ) throws -> [String: Any] {
        try lab.sinkDocument("evolving-sink") { config in
            config["consumer.override.group.id"] = group
            config["topics"] = "evolving.public.evolving"
            config["collection.name.format"] = "evolving_copy"
            config["primary.key.fields"] = nil
            config["schema.evolution"] = evolution
            // It makes tables or truncates them.
            config["connection.username"] = "handover_evolving_sink"
            config["connection.password"] = nil
            config["tasks.max"] = "2"
        }
    }

    private func evolutionFile(_ name: String, _ document: [String: Any]) throws -> String {
        try lab.privateFile(try lab.folder + "/" + name, document)
    }

    private func expectCopy(_ columns: String) async throws {
        try await lab.until("\(columns) in the destination", within: .seconds(60)) {
            let copy = "select \(columns) from evolving_copy order by id, part"
            let original = "select \(columns) from evolving order by id, part"
            guard let rows = try? lab.query("destination", copy) else { return false }
            return try lab.query("source", original) == rows
        }
    }
}
