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
            ("delete.handling.mode", "rewrite"), ("delete.tombstone.handling.mode", "rewrite"),
            ("delete.tombstone.handling.mode", "x"), ("add.fields", "op"), ("route.by.field", "f"),
            ("drop.tombstones", "maybe"), ("predicate", "p"), ("replace.null.with.default", "true"),
        ]
    )
    func `an option that changes records is refused by name`(option: String, value: String) {
        let start = "transforms.u.\(option) = \"\(value)\": "
        #expect(found([option: value], deletes: false).map { $0.hasPrefix(start) } == [true])
    }

    @Test func `another transform beside it is refused`() {
        let found = ConfigurationFixture.problems([
            "transforms": "u,route", "transforms.u.type": PropertyReader.unwrapping,
            "transforms.route.type": "r",
        ])
        #expect(found.contains { $0.hasPrefix("transforms = \"u,route\"") })
    }
}
