import Testing
import Threading

struct BackoffTests {
    @Test func `the first try is at once, then the ceiling doubles from 50 ms to 1 s`() {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
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
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<1_000 { _ = backoff.next(using: &generator) }
        #expect(backoff.ceiling == .seconds(1))
    }

    @Test func `a success begins anew`() {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        _ = backoff.next(using: &generator)
        backoff.reset()
        #expect(backoff.ceiling == .zero)
    }

    @Test func `the jitter fills the whole range`() {
        var generator = SystemRandomNumberGenerator()
        let waits = (0..<1_000).map { _ in
            var backoff = Backoff()
            _ = backoff.next(using: &generator)
            return backoff.next(using: &generator)
        }
        #expect(waits.contains { $0 < .milliseconds(5) })
        #expect(waits.contains { $0 > .milliseconds(45) })
    }
}
