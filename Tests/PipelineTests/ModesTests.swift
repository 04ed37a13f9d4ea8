import Foundation
import Testing

extension PipelineTests {
    /// One table as envelopes, one flattened by ExtractNewRecordState, both with a large value that updates
    /// leave alone; a truncate; at the end a record that the destination refuses.
    @Test func `flattened rows, truncates, unchanged large values and a bad record end as they must`()
        async throws
    {
        let columns = "(id int primary key, note text, big text)"
        let large = "(select string_agg(md5(i::text), '') from generate_series(1, 400) i)"
        for table in ["plain", "flat"] {
            try lab.verb(
                "psql",
                "source",
                "-q",
                "-c",
                "create table modes_\(table) \(columns)",
                "-c",
                "alter table modes_\(table) alter big set storage external",
                "-c",
                "insert into modes_\(table) values (1, 'a', \(large)), (2, 'b', null), (3, 'c', 'small'), "
                    + "(7, 'k', \(large))"
            )
            try lab.verb("psql", "destination", "-qc", "create table modes_public_modes_\(table) \(columns)")
        }
        try lab.verb("psql", "source", "-qc", "create table modes_log (id int primary key, note text)")
        let item = "create table modes_item (id int primary key, parent int, code text)"
        try lab.verb("psql", "source", "-qc", item)
        let publication =
            "create publication modes_publication for table modes_plain, modes_flat, modes_log, modes_item"
        try lab.verb("psql", "source", "-qc", publication)
        try lab.verb("register-source", try modesFile("register-modes.json", Self.modesConnector.document))
        let sink = try lab.start("sink", "run", try modesFile("modes-sink.json", try modesConfiguration()))
        defer {
            sink.terminate()
            _ = try? lab.verb("delete-connector", "modes-connector")
        }
        try await expectSame("the snapshot")
        // What refers to a row at the destination follows when its key changes.
        let child = "create table modes_child (id int references modes_public_modes_flat on update cascade)"
        try lab.verb("psql", "destination", "-q", "-c", child, "-c", "insert into modes_child values (7)")
        for table in ["plain", "flat"] {
            try lab.verb(
                "psql",
                "source",
                "-q",
                "-c",
                "update modes_\(table) set note = 'changed' where id = 1",
                "-c",
                "update modes_\(table) set id = 20 where id = 2",
                "-c",
                "delete from modes_\(table) where id = 3",
                "-c",
                "insert into modes_\(table) values (4, 'new', \(large))",
                "-c",
                "update modes_\(table) set note = 'newer' where id = 4",
                "-c",
                "update modes_\(table) set id = 40 where id = 4",
                "-c",
                "update modes_\(table) set id = 70, note = 'moved' where id = 7"
            )
        }
        try await expectSame("updates without the large value, a key change and deletes")
        let length = "select length(big) from modes_public_modes_flat where id = 1"
        #expect(try lab.query("destination", length) == "12800")
        #expect(try lab.query("destination", "select id from modes_child") == "70")
        try lab.verb(
            "psql",
            "source",
            "-q",
            "-c",
            "insert into modes_plain values (5, 'before', null)",
            "-c",
            "truncate modes_plain",
            "-c",
            "insert into modes_plain values (6, 'after', null)"
        )
        try await expectSame("a truncate")

        try await expectLog()
        try await expectOrder()

        let check = "alter table modes_public_modes_plain add check (id <> 666)"
        try lab.verb("psql", "destination", "-qc", check)
        let insert = "insert into modes_plain select i, 'x', null from generate_series(600, 699) i"
        try lab.verb("psql", "source", "-qc", insert)
        try await lab.until("the sink stops at the record", within: .seconds(60)) { !sink.isRunning }
        #expect(sink.terminationStatus == 1)
        let applied = "select count(*), max(id) from modes_public_modes_plain where id >= 600"
        #expect(try lab.query("destination", applied) == "66|665")
        try await expectMissingRowRefused()
    }

    /// A row that somebody deleted at the destination has no large value any more that an update could keep: the
    /// sink stops, and goes on when the row is back.
    private func expectMissingRowRefused() async throws {
        let flat = "modes_public_modes_flat"
        let keep = "create table kept as select * from \(flat) where id = 1"
        try lab.verb("psql", "destination", "-q", "-c", keep, "-c", "delete from \(flat) where id = 1")
        try lab.verb("psql", "source", "-qc", "update modes_flat set note = 'late' where id = 1")
        let configuration = try modesConfiguration(
            "modes-sink",
            [
                "topics": "modes.public.modes_flat", "topics.regex": nil,
            ]
        )
        let path = try modesFile("modes-flat.json", configuration)
        let stopped = try lab.start("sink", "run", path)
        defer { stopped.terminate() }
        try await lab.until("the sink stops", within: .seconds(60)) { !stopped.isRunning }
        #expect(stopped.terminationStatus == 1)
        #expect(try lab.query("destination", "select count(*) from \(flat) where id = 1") == "0")

        try lab.verb("psql", "destination", "-qc", "insert into \(flat) select * from kept")
        let sink = try lab.start("sink", "run", path)
        defer { sink.terminate() }
        try await lab.until("the update is applied", within: .seconds(60)) {
            try lab.query("destination", "select note, length(big) from \(flat) where id = 1")
                == "late|12800"
        }
    }

    /// Without a key, and with the record's place as the key, every event is a row: once, also after a restart.
    private func expectLog() async throws {
        let place = "__connect_topic text, __connect_partition int, __connect_offset bigint, primary key "
        let columns = "(id int, note text, \(place)(__connect_topic, __connect_partition, __connect_offset))"
        try lab.verb(
            "psql",
            "destination",
            "-q",
            "-c",
            "create table log_none (id int, note text)",
            "-c",
            "create table log_kafka \(columns)"
        )
        for (round, statement) in [
            "insert into modes_log values (1, 'a'), (2, 'a')", "update modes_log set note = 'b'",
        ].enumerated() {
            try lab.verb("psql", "source", "-qc", statement)
            for mode in ["none", "kafka"] {
                let changes: [String: Any?] = [
                    "topics": "modes.public.modes_log", "topics.regex": nil,
                    "collection.name.format": "log_\(mode)",
                    "insert.mode": "insert", "primary.key.mode": mode, "delete.enabled": nil,
                ]
                let configuration = try modesConfiguration("modes-log-\(mode)", changes)
                let sink = try lab.start("sink", "run", try modesFile("log-\(mode).json", configuration))
                defer { sink.terminate() }
                let rows = "select string_agg(id || note, ' ' order by note, id) from log_\(mode)"
                let expected = round == 0 ? "1a 2a" : "1a 2a 1b 2b"
                try await lab.until("\(expected) in log_\(mode)", within: .seconds(60)) {
                    try lab.query("destination", rows) == expected
                }
                sink.terminate()
                sink.end()
                #expect(sink.terminationStatus == 0)
                #expect(try lab.query("destination", rows) == expected)
            }
        }
        let offsets =
            "select string_agg(__connect_offset::text, ' ' order by __connect_offset) from log_kafka"
        #expect(try lab.query("destination", offsets) == "0 1 2 3")
    }

    /// A row waits for its parent, which comes in a topic that nobody applies yet; two rows exchange a unique
    /// value, which no set of rows can do at once.
    private func expectOrder() async throws {
        try lab.verb(
            "psql",
            "destination",
            "-q",
            "-c",
            "create table order_parent (id int primary key, note text)",
            "-c",
            "create table order_item (id int primary key, parent int references order_parent, code text unique)"
        )
        try lab.verb(
            "psql",
            "source",
            "-q",
            "-c",
            "insert into modes_item values (1, null, 'x'), (2, 2, 'y'), (3, 1, 'z')"
        )
        let sinks = ["item": "modes_item", "parent": "modes_log"].mapValues { "modes.public.\($0)" }
        func start(_ table: String) throws -> Process {
            let changes: [String: Any?] = [
                "topics": sinks[table], "topics.regex": nil, "collection.name.format": "order_\(table)",
                "flush.retry.delay.ms": "200", "flush.max.retries": "1000",
            ]
            let configuration = try modesConfiguration("order-\(table)", changes)
            return try lab.start("sink", "run", try modesFile("order-\(table).json", configuration))
        }
        let items = try start("item")
        defer { items.terminate() }
        let rows = "select string_agg(id || code, ' ' order by id) from order_item"
        try await lab.until("what is in front of the row without parent", within: .seconds(60)) {
            try lab.query("destination", rows) == "1x"
        }
        let parents = try start("parent")
        defer { parents.terminate() }
        try await lab.until("the rows after their parents", within: .seconds(60)) {
            try lab.query("destination", rows) == "1x 2y 3z"
        }
        try lab.verb(
            "psql",
            "source",
            "-qc",
            """
            begin; update modes_item set code = 't' where id = 1; update modes_item set code = 'x' where id = 2;
            update modes_item set code = 'y' where id = 1; commit
            """
        )
        try await lab.until("two rows that exchange a unique value", within: .seconds(60)) {
            try lab.query("destination", rows) == "1y 2x 3z"
        }
        #expect(items.isRunning && parents.isRunning)
    }

    private static let modesConnector = DebeziumConnector(
        name: "modes-connector",
        prefix: "modes",
        slot: "modes_slot",
        publication: "modes_publication",
        tables: "public.modes_plain,public.modes_flat,public.modes_log,public.modes_item",
        hasSchemas: false,
        // A truncate has an order only within one partition.
        partitionCount: 1,
        more: [
            // Truncates are left out unless this says otherwise.
            "skipped.operations": "none",
            "transforms": "unwrap",
            "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
            "transforms.unwrap.delete.tombstone.handling.mode": "rewrite",
            "transforms.unwrap.add.fields": "op,lsn,source.schema,table",
            "transforms.unwrap.predicate": "flat",
            "predicates": "flat",
            "predicates.flat.type": "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
            "predicates.flat.pattern": ".*modes_flat",
        ]
    )

    private func modesConfiguration(
        _ name: String = "modes-sink",
        _ changes: [String: Any?] = [:]
    ) throws -> [String: Any] {
        try lab.sinkDocument(name) { config in
            // Both topics by an expression, both tables by what the records say of their source.
            config["topics"] = nil
            config["topics.regex"] = #"modes\.public\.modes_(plain|fl.t)"#
            config["collection.name.format"] = "modes_${source.schema}_${source.table}"
            config["primary.key.fields"] = nil
            config["delete.enabled"] = "true"
            config["truncate.enabled"] = "true"
            // The lab's first sink must not truncate.
            config["connection.username"] = "handover_evolving_sink"
            config["connection.password"] = nil
            for (property, value) in changes { config[property] = value }
        }
    }

    private func modesFile(_ name: String, _ document: [String: Any]) throws -> String {
        try lab.privateFile(try lab.folder + "/" + name, document)
    }

    private func expectSame(_ what: String) async throws {
        for table in ["plain", "flat"] {
            let rows = { (prefix: String) in
                "select id, note, md5(big) from \(prefix)modes_\(table) order by id"
            }
            try await lab.until("\(what) in \(table)", within: .seconds(60)) {
                try lab.query("source", rows("")) == lab.query("destination", rows("modes_public_"))
            }
        }
    }
}
