import Testing

@testable import Kafka
@testable import Model

@Suite struct FetchMemoryTests {
    @Test func `memory goes back once after each time of work, and not more often than every ten seconds`() {
        var memory = FetchMemory()
        var given: [UInt64] = []
        for second in UInt64(1)...40 {
            // Work at 5, at 8, and from 20 on.
            if second == 5 || second == 8 || second >= 20 { memory.fetched() }
            if memory.rested(at: Moment(monotonic: second * 1_000_000_000, wall: 0)) { given.append(second) }
        }
        #expect(given == [5, 15, 25, 35])
    }
}
