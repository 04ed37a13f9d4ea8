/// Rows that are ignored, marked or rounded, and columns that records and tables do not share.
extension SinkProfile {
    private static let upserts: [String: String?] = [
        "insert.mode": "upsert", "primary.key.mode": "record_key", "delete.enabled": "true",
        "primary.key.fields": "id",
    ]

    private static let noted =
        "create table TABLE (id bigint primary key, name text, note text default 'none')"
    private static let withNote: CaseFields = "id:int64 name:string? note:string?"
    private static let withoutNote: CaseFields = "id:int64 name:string?"

    static let special: [SinkProfile] = [ignored, marked, absent, rounded]

    private static let ignored = SinkProfile(
        name: "insert_ignore",
        properties: [
            "insert.mode": "insert_ignore", "primary.key.mode": "record_key", "delete.enabled": "true",
        ],
        isRepeatable: true,
        cases: [
            SinkCase(
                "a row that is there already is left as it is",
                events: [
                    .create(CaseRows.key(1), CaseRows.row(1, "a")),
                    .create(CaseRows.key(1), CaseRows.row(1, "b")),
                    .update(CaseRows.key(1), CaseRows.row(1, "c")),
                    .create(CaseRows.key(2), CaseRows.row(2, "d")),
                ],
                expected: [CaseRows.names: "1 a, 2 d"]
            ),
            SinkCase(
                "a row that was there before the sink is left as it is, and a deleted one comes back",
                table: "\(noted); insert into TABLE values (1, 'old', 'kept'), (2, 'old', 'gone')",
                fields: withoutNote,
                events: [
                    .create(CaseRows.key(1), #"{"id":1,"name":"a"}"#),
                    .delete(CaseRows.key(2), before: #"{"id":2,"name":"old"}"#),
                    .create(CaseRows.key(2), #"{"id":2,"name":"b"}"#),
                    .create(CaseRows.key(2), #"{"id":2,"name":"c"}"#),
                ],
                expected: [CaseRows.all: "1|old|kept\n2|b|none"]
            ),
        ]
    )

    private static let marked = SinkProfile(
        name: "soft_delete",
        properties: upserts.merging(["delete.mode": "soft", "delete.soft.column": "gone"]) { $1 },
        isRepeatable: true,
        cases: [
            SinkCase(
                "a delete marks the row, and a write clears the mark",
                table: """
                    create table TABLE (id bigint primary key, name text, nick_name$ text,
                        gone boolean not null default false)
                    """,
                events: [
                    .create(CaseRows.key(1), CaseRows.row(1, "a")),
                    .create(CaseRows.key(2), CaseRows.row(2, "b")),
                    .delete(CaseRows.key(1), before: CaseRows.row(1, "a")), .tombstone(CaseRows.key(1)),
                    .delete(CaseRows.key(2), before: CaseRows.row(2, "b")),
                    .create(CaseRows.key(2), CaseRows.row(2, "c")),
                    .update(CaseRows.key(3), CaseRows.row(3, "d")),
                    .delete(CaseRows.key(4), before: CaseRows.row(4)),
                ],
                expected: ["select id, name, gone from TABLE order by 1": "1|a|t\n2|c|f\n3|d|f"]
            ),
            SinkCase(
                "a mark may be the time of the delete",
                table:
                    "create table TABLE (id bigint primary key, name text, nick_name$ text, gone timestamptz)",
                events: [
                    .create(CaseRows.key(1), CaseRows.row(1, "a")),
                    .delete(CaseRows.key(1), before: CaseRows.row(1, "a")),
                    .create(CaseRows.key(2), CaseRows.row(2, "b")),
                ],
                expected: [
                    "select id, gone between now() - interval '1 hour' and now() from TABLE order by 1":
                        "1|t\n2|"
                ]
            ),
            SinkCase(
                "a table that is created has the column of the mark",
                events: [.create(CaseRows.key(1), CaseRows.row(1, "a")), .tombstone(CaseRows.key(1))],
                expected: [
                    CaseRows.shape:
                        "id bigint not null, name text, \"nick_name$\" text, "
                        + "gone boolean not null default false, primary key (id)",
                    "select id, name, gone from TABLE": "1|a|t",
                ]
            ),
        ]
    )

    private static let absent = SinkProfile(
        name: "absent",
        properties: upserts,
        isRepeatable: true,
        cases: [
            SinkCase(
                "a field that a record lacks leaves the row's value as it is",
                table: noted,
                forms: [.envelope, .flat],
                events: [
                    .create(CaseRows.key(1), #"{"id":1,"name":"a","note":"x"}"#, withNote),
                    .update(CaseRows.key(1), #"{"id":1,"name":"b"}"#, withoutNote),
                    .create(CaseRows.key(2), #"{"id":2,"name":"c"}"#, withoutNote),
                ],
                expected: [CaseRows.all: "1|b|x\n2|c|none"]
            ),
            SinkCase(
                "a deleted row that comes back has the default of a field that it lacks",
                table: noted,
                forms: [.envelope, .flat],
                events: [
                    .create(CaseRows.key(1), #"{"id":1,"name":"a","note":"x"}"#, withNote),
                    .delete(CaseRows.key(1), before: #"{"id":1,"name":"a","note":"x"}"#),
                    .create(CaseRows.key(1), #"{"id":1,"name":"b"}"#, withoutNote),
                ],
                expected: [CaseRows.all: "1|b|none"]
            ),
            SinkCase(
                "a computed column that records have is left to the server",
                table: """
                    create table TABLE (id bigint primary key, name text, twice bigint generated always as (id * 2) stored)
                    """,
                fields: "id:int64 name:string? twice:int64?",
                events: [
                    .create(CaseRows.key(1), #"{"id":1,"name":"a","twice":99}"#),
                    .update(CaseRows.key(1), #"{"id":1,"name":"b"}"#, withoutNote),
                ],
                expected: [CaseRows.all: "1|b|2"]
            ),
            SinkCase(
                "an updatable view takes upserts and deletes",
                table: """
                    create table TABLE_below (id bigint primary key, name text);
                    create view TABLE as select * from TABLE_below
                    """,
                fields: withoutNote,
                events: [
                    .create(CaseRows.key(1), #"{"id":1,"name":"a"}"#),
                    .create(CaseRows.key(2), #"{"id":2,"name":"b"}"#),
                    .update(CaseRows.key(1), #"{"id":1,"name":"c"}"#),
                    .delete(CaseRows.key(2), before: #"{"id":2,"name":"b"}"#),
                ],
                expected: ["select * from TABLE_below": "1|c"]
            ),
            SinkCase(
                "columns with capitals and of composite types are no obstacle where records do not need them",
                table: """
                    create type TABLE_pair as (a int, b int);
                    create table TABLE (id bigint primary key, "createdAt" text, pair TABLE_pair)
                    """,
                fields: "id:int64 createdAt:string?",
                events: [.create(CaseRows.key(1), #"{"id":1,"createdAt":"today"}"#)],
                expected: [CaseRows.all: "1|today|"]
            ),
        ]
    )

    private static let decimal = "org.apache.kafka.connect.data.Decimal"

    private static let rounded = SinkProfile(
        name: "rounded",
        properties: upserts.merging(["value.rounding": "postgresql"]) { $1 },
        isRepeatable: true,
        cases: [
            SinkCase(
                "values that a column does not hold exactly are rounded as PostgreSQL assigns them",
                table: """
                    create table TABLE (id bigint primary key, whole integer, even integer, amount numeric(8,1), ratio real,
                        moment timestamp, short timestamp(3), zoned timestamptz, clock time(2), at date)
                    """,
                fields: CaseFields(
                    [
                        CaseFields.field("id", "int64"),
                        CaseFields.field("whole", "bytes", decimal, #","parameters":{"scale":"2"}"#),
                        CaseFields.field("even", "double"),
                        CaseFields.field("amount", "bytes", decimal, #","parameters":{"scale":"2"}"#),
                        CaseFields.field("ratio", "double"),
                        CaseFields.field("moment", "int64", "io.debezium.time.NanoTimestamp"),
                        CaseFields.field("short", "int64", "io.debezium.time.MicroTimestamp"),
                        CaseFields.field("zoned", "string", "io.debezium.time.ZonedTimestamp"),
                        CaseFields.field("clock", "int64", "io.debezium.time.NanoTime"),
                        CaseFields.field("at", "int64", "io.debezium.time.Timestamp"),
                    ].joined(separator: ",")
                ),
                forms: [.envelope, .flat],
                events: [
                    .create(
                        CaseRows.key(1),
                        #"{"id":1,"whole":"AeKC","even":2.5,"amount":"AeKD","ratio":0.12345678912345,"#
                            + #""moment":1505476800123456500,"short":1505476800123500,"#
                            + #""zoned":"2017-09-15T12:00:00.999999999Z","clock":43200125000001,"at":1505476800123}"#
                    )
                ],
                expected: [
                    """
                    select whole = 1235.22::numeric::integer, even = 2.5::double precision::integer,
                        amount = 1235.23::numeric(8,1), ratio = '0.12345678912345'::real,
                        moment = '2017-09-15 12:00:00.1234565'::timestamp,
                        short = '2017-09-15 12:00:00.1235'::timestamp::timestamp(3),
                        zoned = '2017-09-15 12:00:00.999999999Z'::timestamptz, clock = '12:00:00.125000001'::time::time(2),
                        at = '2017-09-15 12:00:00.123'::timestamp::date from TABLE
                    """: "t|t|t|t|t|t|t|t|t"
                ]
            )
        ]
    )
}
