import Model
import Testing

@testable import Sink

@Suite struct LogSafetyTests {
    private let place = TopicPartition(topic: "t", partition: 0)
    private let compacted = ["cleanup.policy": "compact", "delete.retention.ms": "100000"]

    @Test(
        arguments: [
            (["cleanup.policy": "compact", "delete.retention.ms": "5"], 5),
            (["cleanup.policy": "delete, compact", "delete.retention.ms": "5"], 5),
            (["cleanup.policy": "delete", "delete.retention.ms": "5"], nil),
            (["cleanup.policy": "compact"], nil), (["cleanup.policy": "compacted"], nil), ([:], nil),
        ] as [([String: String], Int64?)]
    )
    func `tombstones are taken from compacted topics only`(settings: [String: String], retention: Int64?) {
        #expect(TombstoneRisk(settings: settings)?.retention == retention)
    }

    /// A retention of 100 s, whose margin is 10 s.
    @Test(arguments: [(0, true, false), (90_000, true, false), (90_001, true, true), (900_000, false, false)])
    func `deletes may be gone once something unread is as old as their tombstones`(
        age: Int64,
        hasUnread: Bool,
        isLost: Bool
    ) throws {
        let risk = try #require(TombstoneRisk(settings: compacted))
        #expect(risk.isLost(safeSince: 1_000, hasUnread: hasUnread, now: 1_000 + age) == isLost)
    }

    @Test func `a margin is an hour at most`() throws {
        let settings = ["cleanup.policy": "compact", "delete.retention.ms": "864000000"]
        #expect(try #require(TombstoneRisk(settings: settings)).margin == 3_600_000)
    }

    @Test func `the latest of what is known counts, and what was applied too`() {
        var safety = LogSafety()
        safety.learned(TombstoneRisk(settings: compacted), of: "t")
        safety.isSafe(place, since: 5_000)
        safety.isSafe(place, since: 4_000)
        #expect(safety.loss(of: place, hasUnread: true, now: 95_000) == nil)
        #expect(safety.loss(of: place, hasUnread: true, now: 95_001)?.since == 5_000)
        // A producer whose clock is ahead proves no more than now.
        let advance = Batch.Advance(place: place, expected: 0, next: 1, events: 1, oldest: 0, newest: 999_000)
        safety.applied([advance], now: 95_001)
        #expect(safety.loss(of: place, hasUnread: true, now: 185_001) == nil)
        #expect(safety.loss(of: place, hasUnread: true, now: 185_002)?.since == 95_001)
        #expect(safety.loss(of: place, hasUnread: false, now: 999_999) == nil)
    }

    @Test func `a topic that keeps every delete is never looked at`() {
        var safety = LogSafety()
        safety.learned(nil, of: "t")
        safety.isSafe(place, since: 0)
        #expect(safety.loss(of: place, hasUnread: true, now: .max) == nil)
        let isDue = safety.isDue()
        #expect(!isDue)
    }
}
