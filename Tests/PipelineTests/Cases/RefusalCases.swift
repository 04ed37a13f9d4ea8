/// Records at which the sink must stop, with what it says; what came before them is applied.
extension SinkRefusal {
    private static let upserts: [String: String?] = [
        "insert.mode": "upsert", "primary.key.mode": "record_key", "delete.enabled": "true",
    ]
    private static let inserts: [String: String?] = [
        "insert.mode": "insert", "primary.key.mode": "record_key", "delete.enabled": "false",
    ]
    private static let none: [String: String?] = ["schema.evolution": "none"]
    private static let table = "create table TABLE (id bigint primary key, name text, nick_name$ text)"

    static let all: [SinkRefusal] = [
        SinkRefusal(
            properties: inserts,
            one: SinkCase(
                "an insert of a key that is there stops at the record, behind what came before it",
                "I12",
                table: table + "; insert into TABLE values (2, 'was here', null)",
                events: [
                    .create(CaseRows.key(1), CaseRows.row(1)), .create(CaseRows.key(2), CaseRows.row(2)),
                    .create(CaseRows.key(3), CaseRows.row(3)),
                ],
                expected: [CaseRows.names: "1 John Doe, 2 was here"]
            ),
            reason: "offset 1 cannot be applied"
        ),
        SinkRefusal(
            properties: upserts,
            one: SinkCase(
                "a record without the key that it needs stops the sink with topic, partition and offset",
                "K13",
                "B15",
                events: [.create(CaseRows.key(1), CaseRows.row(1)), .create(nil, CaseRows.row(2))],
                expected: [CaseRows.ids: "1|1"]
            ),
            reason: "offset 1 cannot be applied: the record has no key"
        ),
        SinkRefusal(
            properties: upserts.merging(none) { $1 },
            one: SinkCase(
                "a record for a table that is not there stops a sink that creates none",
                "E4",
                forms: [.envelope],
                events: [.create(CaseRows.key(1), CaseRows.row(1))],
                expected: ["select to_regclass('TABLE') is null": "t"]
            ),
            reason: "there is no such table"
        ),
        SinkRefusal(
            properties: upserts.merging(none) { $1 },
            one: SinkCase(
                "a delete for a table that is not there stops a sink that creates none",
                "E4",
                forms: [.envelope],
                events: [.delete(CaseRows.key(1), before: CaseRows.row(1))],
                expected: ["select to_regclass('TABLE') is null": "t"]
            ),
            reason: "there is no such table"
        ),
        SinkRefusal(
            properties: upserts,
            one: SinkCase(
                "a new required field without a default stops the sink, which says why",
                "E10",
                forms: [.envelope],
                events: [
                    .create(CaseRows.key(1), CaseRows.row(1)),
                    .create(CaseRows.key(2), #"{"id":2,"due":5}"#, "id:int64 due:int32"),
                ],
                expected: [CaseRows.ids: "1|1"]
            ),
            reason: "rows that are there would have no value"
        ),
        SinkRefusal(
            properties: upserts,
            one: SinkCase(
                "an upsert into a table without a unique constraint of the key is refused with its columns",
                "I5",
                table: "create table TABLE (id bigint, name text, nick_name$ text)",
                forms: [.envelope],
                events: [.create(CaseRows.key(1), CaseRows.row(1))],
                expected: [CaseRows.ids: "0|"]
            ),
            reason: "it has no primary key"
        ),
        SinkRefusal(
            properties: upserts,
            one: SinkCase(
                "null for a required field is refused, not replaced by the schema's default",
                "I10",
                table: "create table TABLE (id bigint primary key, name text not null default 'x')",
                fields: #"id:int64 name:string="x""#,
                forms: [.envelope],
                events: [.create(CaseRows.key(1), #"{"id":1,"name":null}"#)],
                expected: [CaseRows.ids: "0|"]
            ),
            reason: "offset 0 cannot be applied"
        ),
        SinkRefusal(
            properties: upserts,
            one: SinkCase(
                "a time of a mode that no released Debezium writes is refused with its column",
                "P4",
                "X20",
                fields: CaseFields(
                    [
                        CaseFields.field("id", "int64"),
                        CaseFields.field(
                            "at",
                            "struct",
                            "io.debezium.time.StructuredTimestamp",
                            #","fields":[]"#
                        ),
                    ].joined(separator: ",")
                ),
                forms: [.envelope],
                events: [.create(CaseRows.key(1), #"{"id":1,"at":{"year":2024}}"#)],
                expected: ["select to_regclass('TABLE') is null": "t"]
            ),
            reason: "column at has Connect type io.debezium.time.StructuredTimestamp"
        ),
    ]
}
