/// What is in a batch, and what ends one. `xmin` is the transaction that wrote a row.
extension SinkProfile {
    private static let transactions = "select count(distinct xmin::text) from TABLE"

    static let batches: [SinkProfile] = [
        SinkProfile(
            name: "batch_five",
            properties: [
                "insert.mode": "insert", "primary.key.mode": "record_key", "delete.enabled": "false",
            ],
            batchSizes: [5],
            cases: [
                SinkCase(
                    "ten records are two batches of five",
                    "B10",
                    table: "create table TABLE (id bigint primary key, name text, nick_name$ text)",
                    forms: [.envelope],
                    events: (1...10).map { .create(CaseRows.key($0), CaseRows.row($0)) },
                    expected: [
                        "select count(*) from TABLE group by xmin::text": "5\n5", transactions: "2",
                    ]
                )
            ]
        ),
        SinkProfile(
            name: "batch_many",
            properties: [
                "insert.mode": "upsert", "primary.key.mode": "record_key", "delete.enabled": "true",
            ],
            batchSizes: [5000],
            cases: [
                SinkCase(
                    "changes of one key are one row, the last of them",
                    "B4",
                    "B5",
                    "B6",
                    "B7",
                    "B16",
                    table: "create table TABLE (id bigint primary key, name text, nick_name$ text)",
                    forms: [.envelope],
                    events: [
                        .create(CaseRows.key(1), CaseRows.row(1, "Alice")),
                        .create(CaseRows.key(1), CaseRows.row(1, "Bob")),
                        .create(CaseRows.key(2), CaseRows.row(2, "Charlie")),
                        .update(CaseRows.key(1), CaseRows.row(1, "Bobby")),
                        .update(CaseRows.key(1), CaseRows.row(1, "Robert")),
                    ],
                    expected: [CaseRows.names: "1 Robert, 2 Charlie", transactions: "1"]
                )
            ]
        ),
        SinkProfile(
            name: "batch_keys",
            properties: [
                "insert.mode": "upsert", "primary.key.mode": "record_key", "delete.enabled": "true",
            ],
            batchSizes: [5000, 2, 1],
            isRepeatable: true,
            cases: [
                SinkCase(
                    "keys that take turns end with the last value of each, whatever the batches are",
                    "B8",
                    "B9",
                    "B13",
                    events: [
                        .create(CaseRows.key(1), CaseRows.row(1, "A1")),
                        .create(CaseRows.key(2), CaseRows.row(2, "B1")),
                        .update(CaseRows.key(1), CaseRows.row(1, "A2")),
                        .update(CaseRows.key(2), CaseRows.row(2, "B2")),
                        .update(CaseRows.key(1), CaseRows.row(1, "A3")),
                    ],
                    expected: [CaseRows.names: "1 A3, 2 B2"]
                )
            ]
        ),
        SinkProfile(
            name: "batch_schemas",
            properties: [
                "insert.mode": "upsert", "primary.key.mode": "record_key", "delete.enabled": "true",
            ],
            batchSizes: [5000],
            cases: [
                SinkCase(
                    "records whose schemas alternate go into one batch",
                    "B11",
                    "B12",
                    table:
                        "create table TABLE (id bigint primary key, name text, nick_name$ text, age int default 5)",
                    forms: [.envelope],
                    events: [
                        .create(
                            CaseRows.key(1),
                            #"{"id":1,"name":"a","age":1}"#,
                            "id:int64 name:string? age:int32?"
                        ),
                        .create(CaseRows.key(2), #"{"id":2,"name":"b"}"#, "id:int64 name:string?"),
                        .create(
                            CaseRows.key(3),
                            #"{"id":3,"name":"c","age":3}"#,
                            "id:int64 name:string? age:int64?"
                        ),
                        .create(CaseRows.key(4), #"{"name":"d","id":4}"#, "name:string? id:int64"),
                    ],
                    expected: [
                        "select id, name, age from TABLE order by id": "1|a|1\n2|b|5\n3|c|3\n4|d|5",
                        transactions: "1",
                    ]
                )
            ]
        ),
        SinkProfile(
            name: "deadlock",
            properties: [
                "insert.mode": "insert", "primary.key.mode": "none", "delete.enabled": "false",
            ],
            batchSizes: [5000],
            cases: [
                SinkCase(
                    "a batch that the server ends for a deadlock is sent again, once in effect",
                    "Q7",
                    table: """
                        create table TABLE (id bigint, name text, nick_name$ text);
                        create sequence cases.deadlocks;
                        create function fail_once() returns trigger language plpgsql as $$
                        begin
                            -- A sequence keeps what a transaction that is rolled back took.
                            if nextval('cases.deadlocks') <= 2 then
                                raise exception 'deadlock for a test' using errcode = '40P01';
                            end if;
                            return new;
                        end $$;
                        create trigger fails before insert on TABLE for each row execute function fail_once()
                        """,
                    forms: [.envelope],
                    events: [.create(nil, CaseRows.row(1)), .create(nil, CaseRows.row(2))],
                    expected: [
                        CaseRows.ids: "2|1 2", transactions: "1",
                        "select last_value from cases.deadlocks": "4",
                    ]
                )
            ]
        ),
    ]
}
