import Model
import Testing

@testable import Sink

struct AwaitedRowsTests {
    private func place(_ partition: Int32) -> TopicPartition {
        TopicPartition(topic: "parents", partition: partition)
    }

    @Test func `a partition that gets on is awaited up to where it ended, and no further`() {
        var rows = AwaitedRows(ends: [place(0): 10, place(1): 5], stored: [place(0): 2, place(1): 5])
        #expect(rows.places == [place(0)])
        let steps: [(Int64, Bool)] = [(4, true), (4, false), (9, true), (30, true)]
        for (next, isOnTheWay) in steps {
            #expect(rows.advance(to: [place(0): next]) == isOnTheWay, "\(next)")
        }
        #expect(rows.places.isEmpty)
        let more = rows.advance(to: [place(0): 31])
        #expect(!more)
    }

    @Test func `a partition of which nothing was applied yet is awaited, too`() {
        var rows = AwaitedRows(ends: [place(0): 3], stored: [:])
        #expect(rows.places == [place(0)])
        let steps = [rows.advance(to: [:]), rows.advance(to: [place(0): 1])]
        #expect(steps == [false, true])
    }

    @Test func `an empty partition is not awaited`() {
        #expect(AwaitedRows(ends: [place(0): 0], stored: [:]).places.isEmpty)
    }

    @Test func `a table is looked for by its name, and its schema where it has one`() {
        let parent = TargetName(schema: "public", table: "parent")
        #expect(TargetName("parent").mayBe(parent) && TargetName("public.parent").mayBe(parent))
        #expect(!TargetName("other.parent").mayBe(parent) && !TargetName("child").mayBe(parent))
    }
}
