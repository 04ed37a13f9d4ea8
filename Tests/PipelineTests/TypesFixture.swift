/// A column of the table of every type: edge values that Debezium carries in a snapshot and in the stream, and
/// those that only the stream carries (its snapshot gets BC dates wrong).
struct TypesColumn {
    let name: String
    let type: String
    let values: [String]
    let streamed: [String]

    init(_ name: String, _ type: String, _ values: String..., streamed: [String] = []) {
        (self.name, self.type, self.values, self.streamed) = (name, type, values, streamed)
    }
}

/// A table with a column of every type that PostgreSQL 15 and Debezium carry, as SQL for a schema of its own.
struct TypesFixture {
    let schema: String
    let columns: [TypesColumn]
    private let hasPostGIS: Bool

    /// - Parameters:
    ///   - missing: columns to leave out.
    ///   - unknown: whether to have types that the connector does not know.
    init(schema: String, without missing: Set<String>, unknown: Bool) {
        self.schema = schema
        hasPostGIS = false
        columns =
            (Self.numbers + Self.texts + Self.bytes + Self.times + Self.arrays
            + (unknown ? Self.unknown : []))
            .filter { !missing.contains($0.name) }
    }

    /// A table with the types of PostGIS.
    init(postGIS schema: String) {
        self.schema = schema
        hasPostGIS = true
        columns = Self.places
    }

    private var table: String { "\(schema).types" }
    private var names: String { columns.map(\.name).joined(separator: ", ") }

    /// Statements for both sides.
    var definition: [String] {
        (hasPostGIS ? ["create extension if not exists postgis"] : []) + [
            "create extension if not exists hstore", "create extension if not exists citext",
            "create extension if not exists ltree", "create schema \(schema)",
            #"create type \#(schema)."Mood" as enum ('sad', 'it''s "ok"', 'Glücklich')"#,
            "create domain \(schema).price as numeric(10, 2) check (value >= -1000000)",
            "create domain \(schema).code as varchar(5)",
            "create table \(table) (id numeric(12, 3) primary key, "
                + columns.map { "\($0.name) \($0.type.replacing("SCHEMA", with: schema))" }.joined(
                    separator: ", "
                )
                + ")",
        ]
    }

    /// Rows for the snapshot; the last has nothing but its key.
    var rows: [String] { inserts(\.values, from: 1) + ["insert into \(table) (id) values (-0.5)"] }

    /// The same values as inserts, an update of each row, a delete, a key that changes, and what only the stream
    /// can carry.
    var changes: [String] {
        [
            "insert into \(table) (id, \(names)) select id + 100, \(names) from \(table)",
            "update \(table) set flag = not flag, plain = plain || ' changed' where id < 100",
            "delete from \(table) where id = 101.25", "update \(table) set id = 1000 where id = 102.25",
        ] + inserts(\.streamed, from: 201)
    }

    private func inserts(_ values: KeyPath<TypesColumn, [String]>, from id: Int) -> [String] {
        let count = columns.map { $0[keyPath: values].count }.max() ?? 0
        return (0..<count).map { row in
            let literals = columns.map { column in
                let values = column[keyPath: values]
                return row < values.count ? "'\(values[row].replacing("'", with: "''"))'" : "null"
            }
            return
                "insert into \(table) (id, \(names)) values (\(id + row).25, \(literals.joined(separator: ", ")))"
        }
    }

    private static let numbers = [
        TypesColumn("small", "smallint", "-32768", "32767"),
        TypesColumn("normal", "integer", "-2147483648", "2147483647"),
        TypesColumn("big", "bigint", "-9223372036854775808", "9223372036854775807"),
        TypesColumn("object_id", "oid", "4294967295", "0"),
        TypesColumn("flag", "boolean", "true", "false"),
        TypesColumn("single", "real", "NaN", "-Infinity", "-0", "3.4028235e38", "1.17549435e-38", "3.33"),
        TypesColumn(
            "double",
            "double precision",
            "NaN",
            "Infinity",
            "-0",
            "1.7976931348623157e308",
            "4.9e-324",
            "0.1"
        ),
        TypesColumn("exact", "numeric(10, 2)", "99999999.99", "-0.01", "0", "-100"),
        TypesColumn("whole", "numeric(30, 0)", "999999999999999999999999999999", "-129", "128", "-128"),
        TypesColumn("free", "numeric", "123456789012345678901234567890.123456789", "-0.000001", "0", "1e40"),
        TypesColumn("worth", "money", "-92233720368547.12", "0", "3.14"),
        TypesColumn("priced", "SCHEMA.price", "12.34", "-5"),
    ]

    private static let texts = [
        TypesColumn("plain", "text", "line\nquote \" back \\ tab \t 😀", "", "NULL", "ä"),
        TypesColumn("short", "varchar(5)", "äöü😀x", ""), TypesColumn("padded", "char(5)", "ab", "", "abcde"),
        TypesColumn("coded", "SCHEMA.code", "abcde", ""), TypesColumn("nocase", "citext", "MiXeD", ""),
        TypesColumn("tree", "ltree", "Top.Science", ""),
        TypesColumn("ref", "uuid", "8b0c2d1e-0000-4000-8000-00000000abcd"),
        TypesColumn("doc", "json", #"{"b": 1,   "a": 12345678901234567890.10}"#, "null", #""\u00e4""#),
        TypesColumn("bin", "jsonb", #"{"b": 1, "a": 12345678901234567890.10}"#, "[]", "1"),
        TypesColumn("markup", "xml", #"<a b="c">ä</a>"#),
        TypesColumn("mood", "SCHEMA.\"Mood\"", #"it's "ok""#, "Glücklich"),
        TypesColumn("address", "inet", "192.168.1.7/24", "::1", "1.1.1.1"),
        TypesColumn("net", "cidr", "10.0.0.0/8", "::/0"),
        TypesColumn("mac", "macaddr", "08:00:2b:01:02:03"),
        TypesColumn("mac8", "macaddr8", "08:00:2b:01:02:03:04:05"),
        TypesColumn("ints", "int4range", "[1,5)", "empty"), TypesColumn("bigs", "int8range", "[1,)", "(,)"),
        TypesColumn("nums", "numrange", "[5.30,6.3)", "empty"),
        TypesColumn("stamps", "tsrange", "[\"2019-03-31 15:30:00\",infinity)", "empty"),
        TypesColumn("zoned", "tstzrange", "[\"2017-06-05 11:29:12.549426+00\",)"),
        TypesColumn("days", "daterange", "[2019-03-31,infinity)", "(,)"),
        TypesColumn("pairs", "hstore", #""a b"=>"c\"d\\", "n"=>NULL, "é"=>"""#, ""),
        TypesColumn("spot", "point", "(1.5,-2)", "(0,0)"),
    ]

    private static let unknown = [
        TypesColumn("segment", "lseg", "[(1,2),(3,4.5)]"), TypesColumn("rect", "box", "(3,4),(1,2)"),
        TypesColumn("open", "path", "[(1,2),(3,4)]", "((1,2),(3,4))"),
        TypesColumn("area", "polygon", "((0,0),(1,0),(0.1,1e-300))"),
        TypesColumn("straight", "line", "{-1,0,0.5}"),
        TypesColumn("round", "circle", "<(1.5,2),3>"),
    ]

    private static let places = [
        TypesColumn("flag", "boolean", "true", "false"), TypesColumn("plain", "text", "a", ""),
        TypesColumn("place", "geometry(Point, 4326)", "SRID=4326;POINT(8.5 47.25)"),
        TypesColumn(
            "shape",
            "geometry",
            "POLYGON((0 0,1 0,0.1 1e-300,0 0))",
            "SRID=3857;LINESTRING(1 2,3 4)",
            "POINT Z (1 2 3)",
            "GEOMETRYCOLLECTION EMPTY"
        ),
        TypesColumn("area", "geography", "SRID=4326;POLYGON((0 0,1 0,0 1,0 0))", "POINT(8.5 47.25)"),
    ]

    private static let bytes = [
        TypesColumn("raw", "bytea", "\\x00ff10", "\\x"), TypesColumn("one", "bit(1)", "1", "0"),
        TypesColumn("bits", "bit(16)", "0000000100000010", "0000000000000000", "1111111111111111"),
        TypesColumn("wide", "bit(40)", "0000000000000000000000000000000000000001"),
        // Debezium loses how many zeros a shorter one begins with: that is refused.
        TypesColumn("varying_bits", "bit varying(9)", "101010101", "100000000"),
    ]

    private static let times = [
        TypesColumn(
            "day",
            "date",
            "2024-02-29",
            "0001-01-01",
            "5874897-12-31",
            "infinity",
            "-infinity",
            streamed: ["4713-01-01 BC"]
        ),
        TypesColumn("time0", "time(0)", "23:59:59", "00:00"), TypesColumn("time3", "time(3)", "23:59:59.999"),
        TypesColumn("time6", "time", "00:00:00.000001", "23:59:59.999999"),
        TypesColumn("midnight", "time", "24:00", "00:00"),
        TypesColumn("timez", "timetz", "14:15:16.456789+00"),
        TypesColumn("stamp0", "timestamp(0)", "2001-02-03 04:05:06", "infinity", "9999-12-31 23:59:59"),
        TypesColumn(
            "stamp3",
            "timestamp(3)",
            "1969-12-31 23:59:59.999",
            "-infinity",
            "2038-01-19 03:14:07.001"
        ),
        TypesColumn(
            "stamp6",
            "timestamp",
            "294246-12-31 23:59:59.999999",
            "infinity",
            "-infinity",
            "1582-10-16",
            streamed: ["0044-03-15 12:00:00.000001 BC"]
        ),
        TypesColumn(
            "stampz",
            "timestamptz",
            "2022-12-31 14:15:16.456789+02",
            "infinity",
            "-infinity",
            streamed: ["0044-03-15 12:00:00.000001+00 BC"]
        ),
        TypesColumn(
            "span",
            "interval",
            "1 year 2 mons 3 days 04:05:06.123456",
            "-1 year -2 mons +3 days -04:05:06.5",
            "-00:00:00.000001",
            "0"
        ),
    ]

    private static let arrays = [
        TypesColumn("a_int", "int[]", "{1,NULL,-2147483648}", "{}"),
        TypesColumn("a_big", "bigint[]", "{9223372036854775807,NULL}", "{}"),
        TypesColumn("a_bool", "boolean[]", "{t,NULL,f}", "{}"),
        TypesColumn("a_real", "real[]", "{1.5,NULL,3.3}", "{}"),
        TypesColumn("a_double", "double precision[]", "{0.1,NULL,1e300}"),
        TypesColumn("a_oid", "oid[]", "{1,NULL}"),
        TypesColumn("a_num", "numeric(10, 2)[]", "{1.25,2.50,NULL,-9999999.99}", "{}"),
        TypesColumn("a_free", "numeric[]", "{1.25,NULL,12345678901234567890}", "{}"),
        TypesColumn("a_text", "text[]", #"{a,NULL,"NULL","","q\"\\,{} ",😀}"#, "{}", "{NULL}"),
        TypesColumn("a_short", "varchar(5)[]", "{abc,NULL}"), TypesColumn("a_char", "char(3)[]", "{ab,NULL}"),
        TypesColumn("a_uuid", "uuid[]", "{8b0c2d1e-0000-4000-8000-00000000abcd,NULL}"),
        TypesColumn("a_json", "jsonb[]", #"{"{\"a\": [1]}",NULL}"#),
        TypesColumn("a_hstore", "hstore[]", #"{"\"k\"=>\"v\"",NULL}"#),
        TypesColumn("a_date", "date[]", "{2024-02-29,NULL}"),
        TypesColumn("a_time", "time[]", "{04:05:06.123,NULL}"),
        TypesColumn("a_timez", "timetz[]", "{04:05:06+00,NULL}"),
        TypesColumn("a_stamp", "timestamp[]", #"{"2024-02-29 12:34:56.789012",NULL}"#),
        TypesColumn("a_stampz", "timestamptz[]", #"{"2024-02-29 12:34:56.789012+00",NULL}"#),
        TypesColumn("a_inet", "inet[]", "{10.0.0.1,NULL}"),
        TypesColumn("a_cidr", "cidr[]", "{10.0.0.0/8,NULL}"),
        TypesColumn("a_mac", "macaddr[]", "{08:00:2b:01:02:03,NULL}"),
        TypesColumn("a_ints", "int4range[]", #"{"[1,5)",NULL}"#),
        TypesColumn("a_stamps", "tsrange[]", #"{"[\"2019-03-31 15:30:00\",infinity)",NULL}"#),
        TypesColumn("a_bytea", "bytea[]", #"{"\\x00ff",NULL}"#),
        TypesColumn("a_citext", "citext[]", "{AbC,NULL}"),
        // Debezium cannot carry NULL in an array of an enum.
        TypesColumn("a_mood", "SCHEMA.\"Mood\"[]", "{sad,Glücklich}", "{}"),
    ]
}
