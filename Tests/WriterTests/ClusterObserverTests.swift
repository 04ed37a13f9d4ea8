import Testing

@testable import Writer

@Suite struct ClusterObserverTests {
    @Test func `a look that hangs and hears no cancellation delays neither the next look nor the end`() async
    {
        let clock = ContinuousClock()
        let hangs: @Sendable () async -> Void = {
            _ = await Task.detached { try? await Task.sleep(for: .seconds(60)) }.value
        }
        let limited = await clock.measure { await ClusterObserver.within(.milliseconds(20), hangs) }
        #expect(limited < .seconds(20))
        let ended = await clock.measure {
            let waiting = Task { await ClusterObserver.within(.seconds(60), hangs) }
            waiting.cancel()
            await waiting.value
        }
        #expect(ended < .seconds(20))
    }

    @Test func `a look that is done is not waited for any longer`() async {
        let length = await ContinuousClock().measure { await ClusterObserver.within(.seconds(60)) {} }
        #expect(length < .seconds(20))
    }

    @Test func `only what is new is kept`() {
        var log = ClusterLog()
        let isNews = [
            log.saw(leader: "a", timeline: 1, at: 1), log.saw(leader: "a", timeline: 1, at: 2),
            log.saw(leader: nil, timeline: nil, at: 3),
        ]
        #expect(isNews == [true, false, true])
        log.saw(routed: ["a"], at: 1)
        log.saw(routed: ["a"], at: 2)
        log.saw(routed: [], at: 3)
        #expect(log.leaderships.map(\.moment) == [1, 3])
        #expect(log.routings.map(\.moment) == [1, 3])
    }
}
