/// Deletes, tombstones and truncates.
extension SinkProfile {
    static let deletes: [SinkProfile] = [
        SinkProfile(
            name: "upsert_key",
            properties: [
                "insert.mode": "upsert", "primary.key.mode": "record_key", "delete.enabled": "true",
                "truncate.enabled": "true",
            ],
            isRepeatable: true,
            cases: [
                SinkCase(
                    "an upsert of a key that is there changes its row",
                    "I7",
                    "I11",
                    "E6",
                    events: [
                        .create(CaseRows.key(1), CaseRows.row(1)),
                        .update(CaseRows.key(1), CaseRows.row(1, "Jane Doe")),
                    ],
                    expected: [CaseRows.shape: CaseRows.keyed, CaseRows.names: "1 Jane Doe"]
                ),
                SinkCase(
                    "a delete removes its row",
                    "D2",
                    events: [
                        .create(CaseRows.key(1), CaseRows.row(1)), .create(CaseRows.key(2), CaseRows.row(2)),
                        .delete(CaseRows.key(1), before: CaseRows.row(1)),
                    ],
                    expected: [CaseRows.ids: "1|2"]
                ),
                SinkCase(
                    "a delete of a row in a table that is not there creates the table",
                    "D8",
                    "E7",
                    forms: [.envelope],
                    events: [.delete(CaseRows.key(1), before: CaseRows.row(1))],
                    expected: [CaseRows.shape: CaseRows.keyed, CaseRows.ids: "0|"]
                ),
                SinkCase(
                    "a tombstone without a delete in front of it removes its row",
                    "D10",
                    events: [.create(CaseRows.key(1), CaseRows.row(1)), .tombstone(CaseRows.key(1))],
                    expected: [CaseRows.ids: "0|"]
                ),
                SinkCase(
                    "a delete with its tombstone is the end of the row, until it is created again",
                    "D14",
                    "D19",
                    "B14",
                    events: [
                        .create(CaseRows.key(2), CaseRows.row(2)), .create(CaseRows.key(1), CaseRows.row(1)),
                        .delete(CaseRows.key(1), before: CaseRows.row(1)), .tombstone(CaseRows.key(1)),
                        .create(CaseRows.key(1), CaseRows.row(1, "again")),
                        .create(CaseRows.key(3), CaseRows.row(3)),
                        .delete(CaseRows.key(3), before: CaseRows.row(3)), .tombstone(CaseRows.key(3)),
                    ],
                    expected: [CaseRows.names: "1 again, 2 John Doe"]
                ),
                SinkCase(
                    "a row that comes back after a delete has none of its old values",
                    table: "create table TABLE (id bigint primary key, name text, note text default 'empty')",
                    events: [
                        .create(
                            CaseRows.key(1),
                            #"{"id":1,"name":"a","note":"old"}"#,
                            "id:int64 name:string? note:string?"
                        ),
                        .delete(CaseRows.key(1)),
                        .create(CaseRows.key(1), #"{"id":1,"name":"b"}"#, "id:int64 name:string?"),
                    ],
                    expected: [CaseRows.all: "1|b|empty"]
                ),
                SinkCase(
                    "a truncate empties the table of what came before it, and of nothing after it",
                    "D12",
                    "D13",
                    forms: [.envelope],
                    events: [
                        .create(CaseRows.key(1), CaseRows.row(1)), .truncate,
                        .create(CaseRows.key(2), CaseRows.row(2)),
                    ],
                    expected: [CaseRows.ids: "1|2"]
                ),
                SinkCase(
                    "a truncate after everything leaves an empty table",
                    "D12",
                    forms: [.envelope],
                    events: [.create(CaseRows.key(1), CaseRows.row(1)), .truncate],
                    expected: [CaseRows.ids: "0|"]
                ),
                SinkCase(
                    "a flattened row that says that it is deleted is removed",
                    "D18",
                    table: "create table TABLE (id bigint primary key, name text)",
                    fields: "id:int64 name:string? __deleted:string?",
                    forms: [.flat],
                    events: [
                        .create(CaseRows.key(1), #"{"id":1,"name":"a","__deleted":"false"}"#),
                        .create(CaseRows.key(2), #"{"id":2,"name":"b","__deleted":"false"}"#),
                        .create(CaseRows.key(1), #"{"id":1,"name":null,"__deleted":"true"}"#),
                    ],
                    expected: ["select id, name from TABLE": "2|b"]
                ),
                SinkCase(
                    "a key that changes is the same row under its new key",
                    "D17",
                    events: [
                        .create(CaseRows.key(1), CaseRows.row(1)),
                        .delete(CaseRows.key(1), before: CaseRows.row(1)).with([
                            "__debezium.newkey": CaseRows.key(2)
                        ]),
                        .tombstone(CaseRows.key(1)),
                        .create(CaseRows.key(2), CaseRows.row(2, "moved")).with([
                            "__debezium.oldkey": CaseRows.key(1)
                        ]),
                    ],
                    expected: [CaseRows.names: "2 moved"]
                ),
                SinkCase(
                    "a row's unchanged large value is the one that the table or the batch has",
                    table: "create table TABLE (id bigint primary key, name text, note text)",
                    fields: "id:int64 name:string? note:string?",
                    forms: [.envelope, .envelopeWithoutSchema],
                    events: [
                        .create(CaseRows.key(1), #"{"id":1,"name":"a","note":"large"}"#),
                        .update(
                            CaseRows.key(1),
                            #"{"id":1,"name":"b","note":"__debezium_unavailable_value"}"#
                        ),
                        .create(CaseRows.key(2), #"{"id":2,"name":"c","note":"other"}"#),
                        .update(CaseRows.key(2), #"{"id":2,"name":"d","note":"changed"}"#),
                    ],
                    expected: [CaseRows.all: "1|b|large\n2|d|changed"]
                ),
                SinkCase(
                    "an identity column that is the key takes the ids of upserts",
                    "P21",
                    table:
                        "create table TABLE (name text, id bigint generated always as identity primary key)",
                    fields: "id:int64 name:string?",
                    events: [
                        .create(CaseRows.key(7), #"{"id":7,"name":"a"}"#),
                        .update(CaseRows.key(7), #"{"id":7,"name":"b"}"#),
                        .create(CaseRows.key(9), #"{"id":9,"name":"c"}"#),
                    ],
                    expected: [CaseRows.all: "b|7\nc|9"]
                ),
            ]
        ),
        SinkProfile(
            name: "upsert_kept",
            properties: [
                "insert.mode": "upsert", "primary.key.mode": "record_key", "delete.enabled": "false",
                "truncate.enabled": "false",
            ],
            cases: [
                SinkCase(
                    "deletes, tombstones and truncates that are not wanted are passed over",
                    "D1",
                    "D11",
                    forms: [.envelope],
                    events: [
                        .create(CaseRows.key(1), CaseRows.row(1)),
                        .delete(CaseRows.key(1), before: CaseRows.row(1)),
                        .tombstone(CaseRows.key(1)), .truncate,
                    ],
                    expected: [CaseRows.ids: "1|1"]
                ),
                SinkCase(
                    "a tombstone that is not wanted is passed over",
                    "D1",
                    events: [.create(CaseRows.key(1), CaseRows.row(1)), .tombstone(CaseRows.key(1))],
                    expected: [CaseRows.ids: "1|1"]
                ),
            ]
        ),
        SinkProfile(
            name: "upsert_subset",
            properties: [
                "insert.mode": "upsert", "primary.key.mode": "record_key", "primary.key.fields": "id2",
                "delete.enabled": "true",
            ],
            isRepeatable: true,
            cases: [
                SinkCase(
                    "a delete finds its row by the key fields that are chosen",
                    "D3",
                    key: "id1:int64 id2:int64",
                    fields: "id1:int64 id2:int64 name:string?",
                    events: [
                        .create(#"{"id1":1,"id2":2}"#, #"{"id1":1,"id2":2,"name":"a"}"#),
                        .create(#"{"id1":1,"id2":3}"#, #"{"id1":1,"id2":3,"name":"b"}"#),
                        .delete(#"{"id1":9,"id2":2}"#, before: #"{"id1":1,"id2":2,"name":"a"}"#),
                    ],
                    expected: [
                        CaseRows.shape:
                            "id2 bigint not null, id1 bigint not null, name text, primary key (id2)",
                        CaseRows.all: "3|1|b",
                    ]
                ),
                SinkCase(
                    "a delete by chosen key fields creates the table that is not there",
                    "D9",
                    key: "id1:int64 id2:int64",
                    fields: "id1:int64 id2:int64 name:string?",
                    forms: [.envelope],
                    events: [.delete(#"{"id1":1,"id2":2}"#, before: #"{"id1":1,"id2":2,"name":"a"}"#)],
                    expected: ["select count(*) from TABLE": "0"]
                ),
            ]
        ),
    ]
}
