import Model
import Testing

@testable import Sink

struct AwaitedRowsTests {
    private static let second: UInt64 = 1_000_000_000

    private func place(_ partition: Int32) -> TopicPartition {
        TopicPartition(topic: "parents", partition: partition)
    }

    @Test func `a partition is awaited up to where it ended, and no further`() {
        var rows = AwaitedRows(ends: [place(0): 10, place(1): 5], stored: [place(0): 2, place(1): 5], at: 0)
        #expect(rows.places == [place(0)])
        for (seconds, next) in [(1, 4), (2, 4), (30, 9), (89, 9), (90, 30)] as [(UInt64, Int64)] {
            let isAwaited = rows.advance(to: [place(0): next], at: seconds * Self.second)
            #expect(isAwaited, "\(seconds) s")
        }
        #expect(rows.places.isEmpty)
        let isAwaited = rows.advance(to: [place(0): 31], at: 91 * Self.second)
        #expect(!isAwaited)
    }

    @Test
    func
        `partitions that stand still for a minute are awaited no longer, as where two rows wait for each other`()
    {
        var rows = AwaitedRows(ends: [place(0): 10], stored: [place(0): 2], at: 0)
        var found: [Bool] = []
        for seconds: UInt64 in [59, 60, 61] {
            found.append(rows.advance(to: [place(0): 2], at: seconds * Self.second))
        }
        found.append(rows.advance(to: [place(0): 3], at: 62 * Self.second))
        #expect(found == [true, false, false, true])
    }

    @Test func `a partition of which nothing was applied yet is awaited, an empty one is not`() {
        #expect(AwaitedRows(ends: [place(0): 3], stored: [:], at: 0).places == [place(0)])
        #expect(AwaitedRows(ends: [place(0): 0], stored: [:], at: 0).places.isEmpty)
    }

    @Test func `a table is looked for by its name, and its schema where it has one`() {
        let parent = TargetName(schema: "public", table: "parent")
        #expect(TargetName("parent").mayBe(parent) && TargetName("public.parent").mayBe(parent))
        #expect(!TargetName("other.parent").mayBe(parent) && !TargetName("child").mayBe(parent))
    }
}
