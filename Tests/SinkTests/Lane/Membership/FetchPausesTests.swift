import Testing

@testable import Sink

@Suite struct FetchPausesTests {
    @Test func `two reasons do not undo one another`() {
        var pauses = FetchPauses()
        let begins = [pauses.begin(.person), pauses.begin(.destination), pauses.begin(.destination)]
        #expect(begins == [true, true, false])
        let ends = [pauses.end(.destination), pauses.end(.destination)]
        #expect(ends == [true, false])
        #expect(!pauses.isEmpty, "the destination is back, but nobody has resumed")
        let resumed = pauses.end(.person)
        #expect(resumed)
        #expect(pauses.isEmpty)
    }

    @Test func `a resume while the destination is away does not fetch`() {
        var pauses = FetchPauses()
        _ = pauses.begin(.destination)
        _ = pauses.begin(.person)
        _ = pauses.end(.person)
        #expect(!pauses.isEmpty)
        #expect(pauses.contains(.destination))
        #expect(!pauses.contains(.person))
    }
}
