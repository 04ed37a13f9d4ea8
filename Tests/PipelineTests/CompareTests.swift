import Testing

extension PipelineTests {
    /// Two databases of the destination's server with other encodings and other settings, and tables that are made
    /// different by hand.
    @Test func `tables are compared by value, and what differs is named and repaired`() throws {
        let pair = try comparedPair()
        let equal = try compare(pair, "compared")
        #expect(equal.code == 0, "\(equal.output)")
        #expect(equal.firstLine == "EQUAL: 3,000 rows")
        #expect(equal.output.contains("only the destination has them: columns more"))
        for table in ["compared_uuid", "compared_pair", "compared_bare"] {
            let result = try compare(pair, table)
            #expect(result.code == 0, "\(table): \(result.output)")
        }
        try lab.verb("psql", "destination", "-qc", Self.damage)
        let expected = [
            "compared": [
                "behind     3 ", "ahead      4 ", "different  5 ", "different  6 ", "missing    7 ",
                "extra      4000 ",
            ],
            "compared_uuid": ["different  00000000-0000-0000-0000-000000000009"],
            "compared_pair": ["missing    a, Z", "extra      ä, z"],
            "compared_bare": ["missing    (1,)"],
        ]
        for (table, lines) in expected {
            let result = try compare(pair, table)
            #expect(result.code == 1, "\(table): \(result.output)")
            for line in lines { #expect(result.output.contains("\n\(line)"), "\(table): \(result.output)") }
        }
        let script = try compare(pair, "compared", "--repair", "print")
        try lab.verb("psql", "destination", "-q", "-c", script.output)
        #expect(try compare(pair, "compared").code == 0)
        #expect(try compare(pair, "compared_bare", "--repair", "print").code == 64)
        #expect(try compare(pair, "no_such_table").code == 2)
        let away = try lab.program(
            "reader",
            "compare",
            "--source",
            "postgresql://postgres@127.0.0.1:1/x",
            "--quiet"
        )
        #expect(away.code == 3, "\(away.output)")
    }

    private func compare(_ source: String, _ table: String, _ more: String...) throws -> Command {
        let destination = try #require(lab.environment["HANDOVER_DESTINATION_URL"])
        let arguments =
            [
                "compare", "--source", source, "--destination", destination, "--table", table, "--settle",
                "300ms", "--version-column", "version",
            ] + more
        let hasVersion = table == "compared"
        return try Command.run(
            "\(lab.environment["HANDOVER_BIN"] ?? "")/reader",
            hasVersion ? arguments : arguments.filter { $0 != "--version-column" && $0 != "version" },
            environment: lab.environment
        )
    }

    /// Makes both sides' tables; returns where the source is.
    private func comparedPair() throws -> String {
        let create = "create database compared_source encoding 'LATIN1' locale 'C' template template0"
        try lab.verb("psql", "destination", "-qc", create)
        for setting in [
            "TimeZone to 'Asia/Tokyo'", "DateStyle to 'SQL, DMY'", "bytea_output to 'escape'",
            "extra_float_digits to -5",
        ] {
            try lab.verb("psql", "destination", "-qc", "alter database compared_source set \(setting)")
        }
        let destination = try #require(lab.environment["HANDOVER_DESTINATION_URL"])
        let source = destination.replacing("destination_db", with: "compared_source")
        let columns = """
            version int, t text, n numeric, f float8, z timestamptz, i interval, b bytea
            """
        let other = """
            create table compared_uuid (id uuid primary key, v text);
            insert into compared_uuid select lpad(i::text, 32, '0')::uuid, 'v' || i from generate_series(1, 50) i;
            create table compared_pair (x text, y text, v int, primary key (x, y));
            insert into compared_pair values ('a', 'Z', 1), ('a', 'z', 2), (U&'\\00e4', '1', 3), ('Z', 'a', 4);
            create table compared_bare (a int, b text);
            insert into compared_bare values (1, null), (1, null), (2, ''), (2, 'x,y');
            """
        let values = { (scale: String) in
            """
            i, U&'\\00e9t\\00e9 ' || i, i + \(scale), case when i % 7 = 0 then 'NaN' else i / 3.0 end,
            '2026-03-29 00:30+00'::timestamptz + i * interval '1 hour', i * interval '1 day', decode('00ff', 'hex')
            """
        }
        try lab.verb(
            "psql",
            "destination",
            "-q",
            "-d",
            "compared_source",
            "-c",
            "create table compared (id bigint primary key, \(columns)); insert into compared select i, \(values("0.5")) from generate_series(1, 3000) i; \(other) grant select on all tables in schema public to handover_reader"
        )
        try lab.verb(
            "psql",
            "destination",
            "-q",
            "-c",
            "create table compared (\(columns), more int, id bigint primary key); insert into compared (id, version, t, n, f, z, i, b) select i, \(values("0.500")) from generate_series(1, 3000) i; \(other)"
        )
        return source
    }

    /// What is done to the destination.
    private static let damage = """
        update compared set version = 1 where id = 3;
        update compared set version = 9 where id = 4;
        update compared set t = null where id = 5;
        update compared set f = f + 1e-12 where id = 6;
        delete from compared where id = 7;
        insert into compared (id, version, t) values (4000, 1, E'it''s\\n; drop table compared');
        update compared_uuid set v = 'V9' where id = '00000000-0000-0000-0000-000000000009';
        delete from compared_pair where y = 'Z';
        insert into compared_pair values (U&'\\00e4', 'z', 1);
        delete from compared_bare where ctid = (select min(ctid) from compared_bare where a = 1);
        """
}
