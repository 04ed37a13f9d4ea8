import Testing

@testable import Guard

/// What a topic may have written at the leader.
///
/// That an event with the large values follows is shown with a server: `TouchTests` of PipelineTests.
struct RepairTableTests {
    private static func column(
        _ name: String,
        _ type: String,
        _ base: String,
        _ category: String,
        isRequired: Bool = false,
        isToasted: Bool = false
    ) -> RepairTable.Column {
        .init(
            name: name,
            type: type,
            base: base,
            category: category,
            isRequired: isRequired,
            isToasted: isToasted,
            isFixed: false,
            isGenerated: false
        )
    }

    private static let table = RepairTable(
        table: .init(schema: "public", name: "t"),
        columns: [
            column("region", "text", "text", "S", isRequired: true, isToasted: true),
            column("number", "integer", "int4", "N", isRequired: true),
            column("code", "integer", "int4", "N"),
            column("day", "date", "date", "D"),
        ],
        identities: [["region", "number"], ["code"], ["day"]],
        published: .yes(filter: nil)
    )

    private static func key(_ parts: (String, String?)...) -> [DeadEvent.KeyPart] {
        parts.map { .init(column: $0.0, text: $0.1) }
    }

    private static let whole = key(("number", "5"), ("region", "eu"))

    @Test func `a key is the whole primary key or the whole replica identity, in any order`() {
        #expect(Self.table.refusal(of: Self.whole) == nil)
        #expect(Self.table.refusal(of: Self.key(("region", "eu"), ("number", "5"))) == nil)
        #expect(Self.table.refusal(of: Self.key(("code", "5"))) == nil)
    }

    @Test(arguments: [
        key(("number", "5")), key(("number", "5"), ("region", "eu"), ("code", "1")),
        key(("number", "5"), ("number", "5")), key(("nope", "1")), key(("code", nil)), key(("day", "19000")),
        [],
        key(("cod\u{65}\u{301}", "5")),
    ])
    func `any other key is refused`(key: [DeadEvent.KeyPart]) {
        #expect(Self.table.refusal(of: key) != nil)
    }

    @Test func `a table that the publication does not have is refused, so is one that is not there`() {
        var table = Self.table
        table.published = .no
        #expect(table.refusal(of: Self.whole) != nil)
        table = Self.table
        table.columns = []
        #expect(table.refusal(of: Self.whole) != nil)
    }

    @Test func `a table whose triggers would run is refused`() {
        var table = Self.table
        table.hasTriggers = true
        #expect(table.refusal(of: Self.whole)?.contains("session_replication_role") == true)
    }

    @Test func `only rows that the publication has are touched or deleted`() {
        var table = Self.table
        table.published = .yes(filter: "(state > 3)")
        #expect(table.touch(Self.whole)?.contains(" and ((state > 3))") == true)
        #expect(table.delete(Self.whole).contains(" and ((state > 3))"))
        #expect(!table.find(Self.whole).contains("state"))
    }

    @Test func `a missing row gets neutral values where it must have some`() {
        #expect(
            Self.table.insert(Self.key(("number", "5")))
                == #"insert into "public"."t" ("number", "region") overriding system value "#
                + "values ($1::text::integer, ''::text) on conflict do nothing"
        )
    }
}
