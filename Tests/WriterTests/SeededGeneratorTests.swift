import Testing

@testable import Writer

struct SeededGeneratorTests {
    @Test func `a seed repeats its numbers, and each worker has its own`() {
        var (first, again) = (SeededGenerator(seed: 9, stream: 1), SeededGenerator(seed: 9, stream: 1))
        var other = SeededGenerator(seed: 9, stream: 2)
        let numbers = (0..<5).map { _ in first.next() }
        #expect(numbers == (0..<5).map { _ in again.next() })
        #expect(numbers != (0..<5).map { _ in other.next() })
    }
}
