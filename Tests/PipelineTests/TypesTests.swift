import Foundation
import Testing

extension PipelineTests {
    /// How a source connector is told to write values.
    struct TypesMode: CustomTestStringConvertible {
        let name: String
        let hasSchemas: Bool
        var options: [String: String] = [:]
        /// How the sink is told to read them.
        var sinkOptions: [String: String] = [:]
        /// Whether types that the connector does not know come as bytes.
        var hasUnknownTypes = false
        /// A column whose values this mode loses at the source.
        var lostColumn: String?

        var testDescription: String { name }

        static let all = [
            TypesMode(name: "types_plain", hasSchemas: false),
            TypesMode(name: "types_schemas", hasSchemas: true),
            TypesMode(
                name: "types_strings",
                hasSchemas: true,
                options: [
                    "decimal.handling.mode": "string", "hstore.handling.mode": "map",
                    "time.precision.mode": "isostring", "include.unknown.datatypes": "true",
                ],
                hasUnknownTypes: true,
                // 24:00 is written as 00:00.
                lostColumn: "midnight"
            ),
        ]
    }

    @Test(arguments: TypesMode.all)
    func `a value of every type is the same on both sides`(mode: TypesMode) async throws {
        var missing = Set([mode.lostColumn].compactMap(\.self))
        let build = "select setting from pg_config() where name = 'CONFIGURE'"
        if try !lab.query("source", build).contains("--with-libxml") {
            print("SKIPPED: the column of type xml; this PostgreSQL was built without libxml")
            missing.insert("markup")
        }
        try await expectSame(
            mode,
            TypesFixture(schema: mode.name, without: missing, unknown: mode.hasUnknownTypes)
        )
    }

    @Test func `PostGIS's types are the same on both sides, where it is installed`() async throws {
        let query = "select count(*) from pg_available_extensions where name = 'postgis'"
        guard try lab.query("destination", query) == "1" else {
            print("SKIPPED: PostGIS is not installed (postgresql-15-postgis-3)")
            return
        }
        for hasSchemas in [false, true] {
            let mode = TypesMode(name: "postgis_\(hasSchemas)", hasSchemas: hasSchemas)
            try await expectSame(mode, TypesFixture(postGIS: mode.name))
        }
    }

    func expectSame(_ mode: TypesMode, _ fixture: TypesFixture) async throws {
        for (side, role) in [("source", "handover_connector"), ("destination", "handover_sink")] {
            // A schema of its own, beside the one that the roles have rights in.
            let rights = [
                "grant usage on schema \(mode.name) to \(role)",
                "grant select, insert, update, delete on all tables in schema \(mode.name) to \(role)",
            ]
            try run(side, fixture.definition + rights)
        }
        try run("source", fixture.rows + ["create publication \(mode.name) for table \(mode.name).types"])
        try lab.verb("register-source", try document("\(mode.name).json", connector(mode)))
        let sink = try lab.start("sink", "run", try document("\(mode.name)-sink.json", try sink(mode)))
        defer {
            sink.terminate()
            _ = try? lab.verb("delete-connector", mode.name)
        }
        try await expectEqual(mode, "the snapshot")
        try run("source", fixture.changes)
        try await expectEqual(mode, "inserts, updates, a delete and a changed key")
        #expect(try lab.query("destination", "select count(*) from \(mode.name).types where id > 100") != "0")
        sink.terminate()
        sink.end()
        #expect(sink.terminationStatus == 0)
    }

    private func run(_ side: String, _ statements: [String]) throws {
        let text = statements.joined(separator: ";\n") + ";\n"
        let path = try #require(lab.environment["LAB_DIR"]) + "/types.sql"
        try Data(text.utf8).write(to: URL(filePath: path))
        try lab.verb("psql", side, "-q", "-v", "ON_ERROR_STOP=1", "-f", path)
    }

    private func connector(_ mode: TypesMode) -> [String: Any] {
        DebeziumConnector(
            name: mode.name,
            prefix: mode.name,
            slot: mode.name,
            publication: mode.name,
            tables: "\(mode.name).types",
            hasSchemas: mode.hasSchemas,
            more: ["interval.handling.mode": "string"].merging(mode.options) { $1 }
        )
        .document
    }

    /// The lab's sink configuration, for this mode's topic and table.
    private func sink(_ mode: TypesMode) throws -> [String: Any] {
        try lab.sinkDocument(mode.name) { config in
            config["topics"] = "\(mode.name).\(mode.name).types"
            config["collection.name.format"] = "\(mode.name).types"
            config["time.precision.mode"] = mode.options["time.precision.mode"] ?? "adaptive"
            for (property, value) in mode.sinkOptions { config[property] = value }
        }
    }

    /// Writes a document into the lab's folder and returns its path.
    private func document(_ name: String, _ content: [String: Any]) throws -> String {
        try lab.privateFile(try lab.folder + "/" + name, content)
    }

    private func expectEqual(_ mode: TypesMode, _ what: String) async throws {
        let query = "select * from \(mode.name).types order by id"
        try await lab.until("\(what) in the destination, \(mode.name)", within: .seconds(60)) {
            try lab.query("source", query) == lab.query("destination", query)
        }
    }
}
