/// How rows are written, and where their key comes from.
extension SinkProfile {
    private static let place =
        "__connect_topic text not null, __connect_partition integer not null, "
        + "__connect_offset bigint not null, "

    static let modes: [SinkProfile] = [
        SinkProfile(
            name: "insert_none",
            properties: ["insert.mode": "insert", "primary.key.mode": "none", "delete.enabled": "false"],
            cases: [
                SinkCase(
                    "without a key equal records are rows of their own, in a table without a primary key",
                    "I1",
                    "K1",
                    "E5",
                    "B2",
                    events: [.create(nil, CaseRows.row(1)), .create(nil, CaseRows.row(1))],
                    expected: [CaseRows.shape: CaseRows.created, CaseRows.ids: "2|1 1"]
                ),
                SinkCase(
                    "without a key different records are rows of their own",
                    "B1",
                    "B3",
                    events: [
                        .create(nil, CaseRows.row(1)), .create(nil, CaseRows.row(2)),
                        .create(nil, CaseRows.row(3)),
                    ],
                    expected: [CaseRows.ids: "3|1 2 3"]
                ),
                SinkCase(
                    "null stays null although there is a default, which fills what a record leaves out",
                    "I10",
                    fields: #"id:int64 a:int32?=7 b:string="x""#,
                    events: [
                        .create(nil, #"{"id":1,"a":null,"b":"y"}"#), .create(nil, #"{"id":2,"a":3}"#),
                        .create(nil, #"{"id":3,"a":null}"#),
                    ],
                    expected: [
                        CaseRows.shape:
                            "id bigint not null, a integer default 7, b text not null default 'x'::text",
                        CaseRows.all: "1||y\n2|3|x\n3||x",
                    ]
                ),
            ]
        ),
        SinkProfile(
            name: "insert_kafka",
            properties: ["insert.mode": "insert", "primary.key.mode": "kafka", "delete.enabled": "false"],
            cases: [
                SinkCase(
                    "the record's place in Kafka is the key, with or without a key of its own",
                    "I2",
                    "K2",
                    events: [.create(nil, CaseRows.row(1)), .create(CaseRows.key(1), CaseRows.row(1))],
                    expected: [
                        CaseRows.shape: place + CaseRows.created
                            + ", primary key (__connect_topic, __connect_partition, __connect_offset)",
                        "select __connect_partition, __connect_offset, id from TABLE order by 2":
                            "0|0|1\n0|1|1",
                        "select count(*) from TABLE where replace(__connect_topic, '.', '_') = 'TOPIC'": "2",
                    ]
                )
            ]
        ),
        SinkProfile(
            name: "insert_key",
            properties: [
                "insert.mode": "insert", "primary.key.mode": "record_key", "delete.enabled": "false",
            ],
            cases: [
                SinkCase(
                    "the record's key is the primary key",
                    "I3",
                    "K3",
                    events: [
                        .create(CaseRows.key(1), CaseRows.row(1)), .create(CaseRows.key(2), CaseRows.row(2)),
                    ],
                    expected: [CaseRows.shape: CaseRows.keyed, CaseRows.ids: "2|1 2"]
                ),
                SinkCase(
                    "a key of two fields is a primary key of two columns",
                    "K4",
                    key: "id1:int64 id2:int32",
                    fields: "name:string?",
                    events: [.create(#"{"id1":1,"id2":10}"#, #"{"name":"a"}"#)],
                    expected: [
                        CaseRows.shape:
                            "id1 bigint not null, id2 integer not null, name text, primary key (id1, id2)",
                        CaseRows.all: "1|10|a",
                    ]
                ),
                SinkCase(
                    "an identity column takes the ids that come, wherever it stands",
                    "P21",
                    table:
                        "create table TABLE (name text, id bigint generated always as identity primary key)",
                    fields: "id:int64 name:string?",
                    events: [
                        .create(CaseRows.key(7), #"{"id":7,"name":"a"}"#),
                        .create(CaseRows.key(9), #"{"id":9,"name":"b"}"#),
                    ],
                    expected: [CaseRows.all: "a|7\nb|9"]
                ),
            ]
        ),
        SinkProfile(
            name: "insert_one_value",
            properties: [
                "insert.mode": "insert", "primary.key.mode": "record_key", "primary.key.fields": "id",
                "delete.enabled": "true",
            ],
            cases: [
                SinkCase(
                    "a key that is one value is the column that primary.key.fields names",
                    "K12",
                    keySchema: #"{"type":"int64","optional":false}"#,
                    fields: "name:string?",
                    events: [
                        .create("7", #"{"name":"a"}"#), .create("8", #"{"name":"b"}"#),
                        .delete("7", before: #"{"name":"a"}"#),
                    ],
                    expected: [
                        CaseRows.shape: "id bigint not null, name text, primary key (id)",
                        CaseRows.all: "8|b",
                    ]
                )
            ]
        ),
        SinkProfile(
            name: "upsert_kafka",
            properties: ["insert.mode": "upsert", "primary.key.mode": "kafka", "delete.enabled": "false"],
            isRepeatable: true,
            cases: [
                SinkCase(
                    "a record that is applied again is the same row when its place is the key",
                    "I6",
                    events: [
                        .create(CaseRows.key(1), CaseRows.row(1)), .create(CaseRows.key(1), CaseRows.row(1)),
                    ],
                    expected: [
                        "select __connect_offset, id, name from TABLE order by 1":
                            "0|1|John Doe\n1|1|John Doe"
                    ]
                )
            ]
        ),
        SinkProfile(
            name: "upsert_value",
            properties: [
                "insert.mode": "upsert", "primary.key.mode": "record_value", "primary.key.fields": "id",
                "delete.enabled": "true",
            ],
            isRepeatable: true,
            cases: [
                SinkCase(
                    "a field of the value is the key: its last row stays",
                    "I4",
                    "I8",
                    "K11",
                    events: [
                        .create(nil, CaseRows.row(11, "John Doe 1")), .create(nil, CaseRows.row(22)),
                        .create(nil, CaseRows.row(11, "John Doe 2")),
                    ],
                    expected: [
                        CaseRows.shape: CaseRows.keyed, CaseRows.names: "11 John Doe 2, 22 John Doe",
                    ]
                ),
                SinkCase(
                    "where the value is the key a delete takes it from the row before",
                    "D4",
                    "D15",
                    forms: [.envelope],
                    events: [
                        .create(nil, CaseRows.row(1)), .create(nil, CaseRows.row(2)),
                        .delete(nil, before: CaseRows.row(1)),
                    ],
                    expected: [CaseRows.ids: "1|2"]
                ),
                SinkCase(
                    "where the value is the key a tombstone is passed over",
                    "D6",
                    events: [.create(CaseRows.key(1), CaseRows.row(1)), .tombstone(CaseRows.key(1))],
                    expected: [CaseRows.ids: "1|1"]
                ),
            ]
        ),
        SinkProfile(
            name: "upsert_values",
            properties: [
                "insert.mode": "upsert", "primary.key.mode": "record_value", "primary.key.fields": "id,name",
                "delete.enabled": "false",
            ],
            cases: [
                SinkCase(
                    "fields of the value that primary.key.fields chooses are the primary key",
                    "K7",
                    "K10",
                    events: [
                        .create(nil, CaseRows.row(1, "a")), .create(nil, CaseRows.row(1, "b")),
                        .create(nil, CaseRows.row(1, "b")),
                    ],
                    expected: [
                        CaseRows.shape:
                            #"id bigint not null, name text not null, "nick_name$" text, primary key (id, name)"#,
                        CaseRows.names: "1 a, 1 b",
                    ]
                )
            ]
        ),
        SinkProfile(
            name: "upsert_header",
            properties: [
                "insert.mode": "upsert", "primary.key.mode": "record_header", "delete.enabled": "true",
                "schema.evolution": "none",
            ],
            isRepeatable: true,
            cases: [
                SinkCase(
                    "a header is the key of rows and deletes, and a tombstone is passed over",
                    "D5",
                    "D7",
                    "K5",
                    table: "create table TABLE (id int primary key, name text)",
                    fields: "name:string?",
                    forms: [.envelope, .envelopeWithoutSchema],
                    events: [
                        .create(nil, #"{"name":"a"}"#).with(["id": "1"]),
                        .create(nil, #"{"name":"b"}"#).with(["id": "2"]),
                        .delete(nil, before: #"{"name":"a"}"#).with(["id": "1"]),
                        CaseEvent.tombstone(nil).with(["id": "2"]),
                    ],
                    expected: [CaseRows.all: "2|b"]
                ),
                SinkCase(
                    "two headers are a key of two columns",
                    "K6",
                    table: "create table TABLE (id1 int, id2 text, name text, primary key (id1, id2))",
                    fields: "name:string?",
                    events: [
                        .create(nil, #"{"name":"a"}"#).with(["id1": "1", "id2": "x"]),
                        .create(nil, #"{"name":"b"}"#).with(["id1": "1", "id2": "y"]),
                        .create(nil, #"{"name":"c"}"#).with(["id1": "1", "id2": "x"]),
                    ],
                    expected: ["select * from TABLE order by 1, 2": "1|x|c\n1|y|b"]
                ),
            ]
        ),
    ]

    static let updates: [SinkProfile] = [
        ("update_key", "record_key", nil), ("update_value", "record_value", "id"),
        ("update_kafka", "kafka", nil),
    ].map { (name, mode, keyFields) -> SinkProfile in
        var cases = [
            SinkCase(
                "an update of a row that is not there creates the table and no row, key mode \(mode)",
                "I9",
                events: [
                    .create(CaseRows.key(1), CaseRows.row(1)), .update(CaseRows.key(2), CaseRows.row(2)),
                ],
                expected: ["select count(*) from TABLE": "0"]
            )
        ]
        if mode != "kafka" {
            cases.append(
                SinkCase(
                    "an update changes the row that is there and makes no other, key mode \(mode)",
                    "I9",
                    table: "create table TABLE (id bigint primary key, name text, nick_name$ text);"
                        + " insert into TABLE values (1, 'old', 'kept')",
                    fields: "id:int64 name:string?",
                    events: [
                        .update(CaseRows.key(1), #"{"id":1,"name":"new"}"#),
                        .update(CaseRows.key(2), #"{"id":2,"name":"none"}"#),
                    ],
                    expected: [CaseRows.all: "1|new|kept"]
                )
            )
        }
        return SinkProfile(
            name: name,
            properties: [
                "insert.mode": "update", "primary.key.mode": mode, "primary.key.fields": keyFields,
                "delete.enabled": "false",
            ],
            batchSizes: [5000],
            isRepeatable: true,
            cases: cases
        )
    }
}
