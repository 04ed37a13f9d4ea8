import Postgres
import Testing

/// Which tables the programs keep their state in, and which they refuse.
struct ControlTableTests {
    private let table = ControlTable(name: ControlTable.progressName)

    private func state(_ change: (inout ControlTableState) -> Void) -> ControlTableState {
        var state = ControlTableState()
        state.user = "sink"
        state.schemaOwner = .init("dba", isTrusted: true)
        state.owner = .init("sink", isTrusted: true)
        change(&state)
        return state
    }

    @Test func `a table of this user's in a schema of a superuser's is used`() {
        #expect(state { _ in }.refusal(of: table) == nil)
    }

    @Test func `a table that is not there is no fault, nor is a schema that is not there`() {
        #expect(state { $0.owner = nil }.refusal(of: table) == nil)
        #expect(state { ($0.owner, $0.schemaOwner) = (nil, nil) }.refusal(of: table) == nil)
    }

    @Test func `a planted table is refused with the way out`() {
        let planted: [(String, (inout ControlTableState) -> Void)] = [
            ("alter table \"handover\".\"sink_progress\" owner to \"sink\"", { $0.owner?.isTrusted = false }),
            ("alter schema \"handover\" owner to \"sink\"", { $0.schemaOwner?.isTrusted = false }),
            (
                "alter schema \"handover\" owner to \"sink\"",
                { ($0.owner, $0.schemaOwner) = (nil, .init("mallory", isTrusted: false)) }
            ),
            ("is not an ordinary table", { $0.kind = "v" }),
            ("is not an ordinary table", { $0.kind = "f" }),
            ("set logged", { $0.persistence = "u" }),
            ("drop trigger \"x\"\"y\" on \"handover\".\"sink_progress\"", { $0.triggers = ["x\"y"] }),
            ("drop rule \"r\" on", { $0.rules = ["r"] }),
            ("disable row level security", { $0.hasRowSecurity = true }),
        ]
        for (words, change) in planted {
            let refusal = state(change).refusal(of: table)
            #expect(refusal?.contains(words) == true, "\(words): \(refusal ?? "used")")
        }
    }

    @Test func `a schema of another name is quoted wherever it stands`() {
        let table = ControlTable(schema: "a\"b", name: ControlTable.guardName)
        #expect(table.quoted == "\"a\"\"b\".\"handover_guard\"")
    }
}
