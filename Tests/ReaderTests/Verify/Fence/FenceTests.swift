import Model
import Testing

@testable import Evidence
@testable import Tables
@testable import Verify

@Suite("The fence") struct FenceTests {
    @Test func `each partition gets the first row that both sides hold equal`() {
        let source = TableContent(rows: [1: .init(5), 2: .init(6), 3: .init(7), 4: .init(8)])
        let destination = TableContent(rows: [1: .init(4), 2: .init(6), 3: .init(7)])
        let plan = FencePlan.rows([1: 0, 2: 1, 3: 0, 4: 2, 9: 3], source: source, destination: destination)
        #expect(plan == [0: 3, 1: 2, 2: 4])
    }

    @Test func `the log is filled up to a position that the stream was told on another timeline`() {
        let shadow = WALShadow(end: LSN(rawValue: 5_000_000))
        #expect(shadow.missing(from: LSN(rawValue: 5_000_000)) == 0)
        #expect(shadow.missing(from: LSN(rawValue: 4_999_000)) == 1_000 + WALShadow.margin)
        let foreign = WALShadow(end: LSN(rawValue: 1 << 40))
        #expect(foreign.missing(from: LSN(rawValue: 5_000_000)) == 0)
    }

    @Test func `a marker has passed when the progress is beyond it and the row holds it`() {
        var wait = FenceWait(
            [Marker(row: 1, partition: 0, fence: Fence(token: 99, previous: 5))],
            sink: "s"
        )
        #expect(wait.missing.count == 1)
        wait.found(wait.markers[0], at: 7)
        #expect(wait.missing.isEmpty)
        func pending(_ next: Int64?, _ value: Token) -> String? {
            let progress = next.map { [Int32(0): SinkProgress(nextOffset: $0, events: 1)] } ?? [:]
            return wait.pending(values: [1: value], progress: progress, ends: [0: 8]).first
        }
        #expect(pending(nil, 5)?.contains("no such partition of sink s") == true)
        #expect(pending(7, 5) == "partition 0: applied up to offset 7, marker at 7, the topic ends at 8")
        #expect(pending(8, 5)?.contains("holds 5") == true)
        #expect(pending(8, 99) == nil)
    }
}
