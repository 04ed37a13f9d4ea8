import Testing

@testable import Sink

/// Which tables may be the target of records.
struct TargetPolicyTests {
    @Test func `the programs' own tables are no targets, however they are spelt`() {
        let policy = TargetPolicy()
        for name in [
            "handover.sink_progress", "handover.anything", "sink_progress", "public.sink_dead_letters",
            "handover_guard", "other.handover_guard",
            // The server cuts names at 63 bytes.
        ] {
            for isChosen in [false, true] {
                #expect(policy.refusal(of: TargetName(name), isChosenByRecord: isChosen) != nil, "\(name)")
            }
        }
    }

    @Test func `the server's own schemas are no targets`() {
        for schema in ["pg_catalog", "information_schema", "pg_toast", "pg_temp", "pg_temp_3"] {
            let refusal = TargetPolicy().refusal(of: TargetName("\(schema).t"), isChosenByRecord: false)
            #expect(refusal?.contains("the server's own") == true, "\(schema)")
        }
    }

    @Test func `a name that the server would cut is judged as it is cut`() {
        let schema = String(repeating: "h", count: 63)
        let policy = TargetPolicy(controlSchema: schema)
        #expect(policy.refusal(of: TargetName("\(schema)x.t"), isChosenByRecord: true) != nil)
        #expect(policy.refusal(of: TargetName("\(schema.dropLast()).t"), isChosenByRecord: true) == nil)
    }

    @Test func `other tables are targets`() {
        let policy = TargetPolicy()
        for name in ["orders", "public.orders", "Handover.orders", "app.sink", "pgx.t"] {
            #expect(policy.refusal(of: TargetName(name), isChosenByRecord: true) == nil, "\(name)")
        }
        #expect(policy.refusal(schema: "public", table: "orders") == nil)
    }

    @Test func `what leads to the programs' own tables is no target`() {
        let refusal = TargetPolicy().refusal(
            schema: "public",
            table: "innocent",
            reaches: ["handover.sink_progress"]
        )
        #expect(refusal?.contains("handover.sink_progress") == true)
    }

    @Test func `with the own tables in public only they are no targets there`() {
        let policy = TargetPolicy(controlSchema: "public")
        #expect(policy.refusal(schema: "public", table: "orders") == nil)
        #expect(policy.refusal(schema: "public", table: "sink_progress") != nil)
    }

    @Test func `a record chooses among the listed schemas, the configuration among all`() {
        let policy = TargetPolicy(schemas: ["app"])
        #expect(policy.refusal(of: TargetName("app.t"), isChosenByRecord: true) == nil)
        #expect(policy.refusal(of: TargetName("audit.t"), isChosenByRecord: true)?.contains("app") == true)
        #expect(policy.refusal(of: TargetName("audit.t"), isChosenByRecord: false) == nil)
        #expect(policy.refusal(of: TargetName("t"), isChosenByRecord: true) == nil)
    }

    @Test func `records choose as many tables as collections.max allows`() {
        let policy = TargetPolicy(tableLimit: 2)
        #expect(policy.refusal(ofTableBeside: 1) == nil)
        #expect(policy.refusal(ofTableBeside: 2)?.contains("collections.max") == true)
    }

    @Test func `what stands in front of the dot is the schema, whatever mark stands beside it`() {
        #expect(TargetName("a.b").schema == "a")
        #expect(TargetName("t").schema == nil)
        let marked = TargetName("handover.\u{301}sink_progress")
        #expect(marked.schema == "handover")
        #expect(TargetPolicy().refusal(of: marked, isChosenByRecord: true) != nil)
    }
}

/// The properties that say where the sink's own tables are and which tables records may choose.
struct TargetPropertiesTests {
    @Test func `without them the defaults hold`() throws {
        #expect(try configuration([:]).targets == TargetPolicy())
    }

    @Test func `they are taken`() throws {
        let targets = try configuration([
            "control.schema": "pipeline", "collection.schema.include.list": "app, audit",
            "collections.max": "7",
            "collection.name.format": "${source.schema}.${source.table}",
        ]).targets
        #expect(targets == TargetPolicy(controlSchema: "pipeline", schemas: ["app", "audit"], tableLimit: 7))
    }

    @Test func `a table of the programs' own is refused where the configuration names it`() throws {
        for format in [
            "handover.sink_progress", "handover.${topic}", "pg_catalog.${source.table}", "SINK_PROGRESS",
        ] {
            let error = #expect(throws: ConfigurationError.self) {
                try configuration(["collection.name.format": format])
            }
            #expect(error?.problems.map(\.property) == ["collection.name.format"], "\(format)")
        }
    }

    @Test func `a schema that cannot be the sink's own is refused`() throws {
        for schema in ["", "pg_mine", "information_schema", String(repeating: "x", count: 64)] {
            let error = #expect(throws: ConfigurationError.self) {
                try configuration(["control.schema": schema])
            }
            #expect(error?.problems.map(\.property) == ["control.schema"], "\(schema)")
        }
    }

    private func configuration(_ changes: [String: String]) throws -> SinkConfiguration {
        try ConfigurationFixture.read(changes)
    }
}
