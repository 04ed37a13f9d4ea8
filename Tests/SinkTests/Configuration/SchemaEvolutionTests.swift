import Testing

@testable import Sink

struct SchemaEvolutionTests {
    @Test(
        arguments: [
            ([:], false, false, false), (["schema.evolution": "none"], false, false, false),
            (["schema.evolution": "Basic"], true, true, false),
            (["schema.evolution": "validate-only"], false, false, true),
            (["auto.create": "true"], true, false, false), (["auto.evolve": "true"], false, true, false),
            (["schema.evolution": "basic", "auto.create": "true"], true, true, false),
        ] as [([String: String?], Bool, Bool, Bool)]
    )
    func `both dialects say what may be done to tables`(
        changes: [String: String?],
        creates: Bool,
        adds: Bool,
        requires: Bool
    ) throws {
        let evolution = try ConfigurationFixture.read(changes).modes.evolution
        #expect(evolution.createsTables == creates)
        #expect(evolution.addsColumns == adds)
        #expect(evolution.requiresTables == requires)
    }

    @Test(
        arguments: [
            ("none", "auto.create", "true"), ("none", "auto.evolve", "true"),
            ("validate-only", "auto.create", "true"), ("basic", "auto.create", "false"),
            ("basic", "auto.evolve", "false"),
        ]
    )
    func `dialects that contradict each other are refused`(value: String, property: String, other: String) {
        let problems = ConfigurationFixture.problems(["schema.evolution": value, property: other])
        #expect(problems.count == 1)
        #expect(problems.first?.contains("contradicts schema.evolution = \"\(value)\"") == true)
        #expect(problems.first?.hasPrefix(property) == true)
    }
}
