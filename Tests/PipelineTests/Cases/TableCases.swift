/// Tables that are made, that grow, and how they are named.
extension SinkProfile {
    private static let first: CaseFields = "id:int64 name:string? nick_name$:string?"
    private static let second: CaseFields =
        "id:int64 name:string? nick_name$:string? age:int32? weight:double?"

    private static func wide(_ id: Int) -> String {
        #"{"id":\#(id),"name":"John Doe","nick_name$":"x","age":\#(20 + id),"weight":1.5}"#
    }

    static let tables: [SinkProfile] = [
        SinkProfile(
            name: "evolve",
            properties: [
                "insert.mode": "upsert", "primary.key.mode": "record_key", "delete.enabled": "true",
            ],
            cases: [
                SinkCase(
                    "fields that are new become columns, and the rows that are there have nulls in them",
                    "E8",
                    events: [
                        .create(CaseRows.key(1), CaseRows.row(1), first),
                        .create(CaseRows.key(2), wide(2), second),
                    ],
                    expected: [
                        CaseRows.shape:
                            "\(CaseRows.created), age integer, weight double precision, primary key (id)",
                        "select id, age, weight from TABLE order by id": "1||\n2|22|1.5",
                    ]
                ),
                SinkCase(
                    "a field that is gone leaves its column, with null in new rows and its value in old ones",
                    "E9",
                    events: [
                        .create(CaseRows.key(1), wide(1), second), .create(CaseRows.key(2), wide(2), second),
                        .create(CaseRows.key(3), CaseRows.row(3), first),
                        .update(CaseRows.key(1), CaseRows.row(1, "Jane"), first),
                    ],
                    expected: [
                        "select id, name, age from TABLE order by id": "1|Jane|21\n2|John Doe|22\n3|John Doe|"
                    ]
                ),
                SinkCase(
                    "a column of a list type is added as the source declares it",
                    "P13",
                    events: [
                        .create(CaseRows.key(1), #"{"id":1}"#, "id:int64"),
                        .create(
                            CaseRows.key(2),
                            #"{"id":2,"a":["10.0.0.1",null]}"#,
                            CaseFields(
                                [
                                    CaseFields.field("id", "int64"),
                                    CaseFields.field(
                                        "a",
                                        "array",
                                        nil,
                                        #","items":{"type":"string","optional":true},"#
                                            + #""parameters":{"__debezium.source.column.type":"_INET"}"#
                                    ),
                                ].joined(separator: ",")
                            )
                        ),
                    ],
                    expected: [
                        CaseRows.shape: "id bigint not null, a inet[], primary key (id)",
                        CaseRows.all: "1|\n2|{10.0.0.1,NULL}",
                    ]
                ),
                SinkCase(
                    "names in capitals are read as PostgreSQL reads names without quotes",
                    "E15",
                    key: "ID:int64",
                    fields: "ID:int64 Name:string? ORDER:string?",
                    events: [.create(#"{"ID":1}"#, #"{"ID":1,"Name":"a","ORDER":"b"}"#)],
                    expected: [
                        CaseRows.shape: #"id bigint not null, name text, "order" text, primary key (id)"#,
                        CaseRows.all: "1|a|b",
                    ]
                ),
            ]
        ),
        SinkProfile(
            name: "validate",
            properties: [
                "insert.mode": "upsert", "primary.key.mode": "record_value", "primary.key.fields": nil,
                "delete.enabled": "false", "schema.evolution": "validate-only",
            ],
            cases: [
                SinkCase(
                    "tables that are there are enough for validate-only, and their primary key is the key",
                    "E2",
                    "K8",
                    "K9",
                    table:
                        "create table TABLE (id1 int, id2 int, name text, v int, primary key (id1, id2, name))",
                    fields: "id1:int64 id2:int64 name:string v:int32?",
                    events: [
                        .create(nil, #"{"id1":1,"id2":2,"name":"a","v":1}"#),
                        .create(nil, #"{"id1":1,"id2":2,"name":"b","v":2}"#),
                        .create(nil, #"{"id1":1,"id2":2,"name":"a","v":3}"#),
                    ],
                    expected: ["select * from TABLE order by 4": "1|2|b|2\n1|2|a|3"]
                )
            ]
        ),
    ]
}
