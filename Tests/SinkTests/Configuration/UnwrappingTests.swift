import Testing

@testable import Sink

struct UnwrappingTests {
    private func found(_ options: [String: String], deletes: Bool = true) -> [String] {
        var changes: [String: String?] = [
            "transforms": "u", "transforms.u.type": PropertyReader.unwrapping, "delete.enabled": "\(deletes)",
        ]
        for (option, value) in options { changes["transforms.u.\(option)"] = value }
        return ConfigurationFixture.problems(changes)
    }

    @Test(
        arguments: [
            ["drop.tombstones": "false"], ["delete.handling.mode": "none"],
            ["delete.handling.mode": "drop", "drop.tombstones": "false"],
            ["delete.tombstone.handling.mode": "tombstone"],
            ["delete.tombstone.handling.mode": "delete-to-tombstone", "replace.null.with.default": "false"],
        ]
    )
    func `an unwrapping that lets deletes through is what the sink does anyway`(options: [String: String]) {
        #expect(found(options).isEmpty)
        #expect(found(options, deletes: false).isEmpty)
    }

    @Test(
        arguments: [
            ([:], "transforms.u.delete.tombstone.handling.mode: is missing"),
            (["drop.tombstones": "true"], "delete.enabled = \"true\": contradicts"),
            (["delete.tombstone.handling.mode": "drop"], "delete.enabled = \"true\": contradicts"),
        ] as [([String: String], String)]
    )
    func `one that drops deletes contradicts delete enabled`(options: [String: String], problem: String) {
        #expect(found(options).map { $0.hasPrefix(problem) } == [true])
        #expect(found(options, deletes: false).isEmpty)
    }

    @Test(
        arguments: [
            ("delete.tombstone.handling.mode", "x"), ("drop.tombstones", "maybe"), ("predicate", "p"),
            ("replace.null.with.default", "perhaps"),
        ]
    )
    func `an option with an unknown word is refused by name`(option: String, value: String) {
        let start = "transforms.u.\(option) = \"\(value)\": "
        #expect(found([option: value], deletes: false).map { $0.hasPrefix(start) } == [true])
    }

    @Test(
        arguments: [
            ["delete.tombstone.handling.mode": "rewrite"], ["delete.handling.mode": "rewrite"],
            ["delete.tombstone.handling.mode": "tombstone", "add.fields": "op"],
            ["delete.tombstone.handling.mode": "tombstone", "route.by.field": "f"],
        ]
    )
    func `an option that changes records makes a transform`(options: [String: String]) throws {
        var changes: [String: String?] = ["transforms": "u", "transforms.u.type": PropertyReader.unwrapping]
        for (option, value) in options { changes["transforms.u.\(option)"] = value }
        #expect(try ConfigurationFixture.read(changes).transforms != nil)
        #expect(found(options).isEmpty)
    }

    @Test func `alone and plain it is no transform`() throws {
        let configuration = try ConfigurationFixture.read([
            "transforms": "u", "transforms.u.type": PropertyReader.unwrapping,
            "transforms.u.delete.tombstone.handling.mode": "tombstone",
        ])
        #expect(configuration.transforms == nil)
    }

    @Test func `beside another it is one, and must let deletes through`() {
        let found = ConfigurationFixture.problems([
            "transforms": "u,route", "transforms.u.type": PropertyReader.unwrapping, "delete.enabled": "true",
            "transforms.route.type": "RegexRouter", "transforms.route.regex": ".*",
            "transforms.route.replacement": "t",
        ])
        #expect(
            found.map { $0.hasPrefix("transforms.u.delete.tombstone.handling.mode: is missing") } == [true]
        )
    }
}
