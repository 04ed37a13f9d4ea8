import Testing

@testable import Writer

@Suite struct BackoffTests {
    @Test func `the first try is at once, then the ceiling doubles from 50 ms to 1 s`() {
        var backoff = Backoff()
        var generator = SeededGenerator(seed: 1, stream: 0)
        var ceilings: [Duration] = []
        for _ in 0..<8 {
            ceilings.append(backoff.ceiling)
            let wait = backoff.next(using: &generator)
            #expect(wait >= .zero && wait <= ceilings[ceilings.count - 1])
        }
        #expect(ceilings == [0, 50, 100, 200, 400, 800, 1_000, 1_000].map { .milliseconds($0) })
    }

    @Test func `many failures do not overflow`() {
        var backoff = Backoff()
        var generator = SeededGenerator(seed: 1, stream: 0)
        for _ in 0..<1_000 { _ = backoff.next(using: &generator) }
        #expect(backoff.ceiling == .seconds(1))
    }

    @Test func `a success begins anew`() {
        var backoff = Backoff()
        var generator = SeededGenerator(seed: 1, stream: 0)
        _ = backoff.next(using: &generator)
        backoff.reset()
        #expect(backoff.ceiling == .zero)
    }

    @Test func `the jitter fills the whole range`() {
        var generator = SeededGenerator(seed: 7, stream: 3)
        let waits = (0..<1_000).map { _ in
            var backoff = Backoff()
            _ = backoff.next(using: &generator)
            return backoff.next(using: &generator)
        }
        #expect(waits.contains { $0 < .milliseconds(5) })
        #expect(waits.contains { $0 > .milliseconds(45) })
    }

    @Test func `a seed repeats its numbers, and each worker has its own`() {
        var (first, again) = (SeededGenerator(seed: 9, stream: 1), SeededGenerator(seed: 9, stream: 1))
        var other = SeededGenerator(seed: 9, stream: 2)
        let numbers = (0..<5).map { _ in first.next() }
        #expect(numbers == (0..<5).map { _ in again.next() })
        #expect(numbers != (0..<5).map { _ in other.next() })
    }
}
