import Testing

@testable import Kafka
@testable import Model

struct LogScanTests {
    private let first = TopicPartition(topic: "orders", partition: 0)
    private let second = TopicPartition(topic: "orders", partition: 1)

    /// What happens to a partition that is read from 10 to 20.
    enum Event {
        case record(Int64)
        case end(Int64)
    }

    @Test(
        arguments: [
            ([], false), ([.record(10), .record(18)], false),
            // The last record, or one beyond: compaction may have taken the last.
            ([.record(19)], true), ([.record(25)], true),
            // Markers and aborted records end a log without a record.
            ([.record(15), .end(20)], true), ([.end(20)], true),
            // A leader that is not caught up knows less than was asked for.
            ([.record(15), .end(16)], false), ([.end(16), .record(19)], true),
        ] as [([Event], Bool)]
    )
    func `a partition is complete at its end, and never by silence`(events: [Event], isComplete: Bool) {
        var scan = LogScan([first: (10, 20)], for: "test", patience: .zero)
        play(events, in: &scan)
        #expect(scan.isComplete == isComplete)
        #expect((scan.failure == nil) == isComplete)
    }

    /// The broker answers 20, and a fetch tells 22; an open transaction lies after 20.
    @Test(
        arguments: [
            ([.record(19)], false), ([.record(19), .record(21)], true), ([.record(19), .end(20)], true),
            ([.record(18), .end(20)], true),
        ] as [([Event], Bool)]
    )
    func `an end that may be too low is looked at again`(events: [Event], isComplete: Bool) {
        var scan = LogScan([first: (10, 20)], endsMayBeLow: true, for: "test")
        play(events, in: &scan)
        #expect(scan.isComplete == isComplete)
    }

    @Test func `what is read already is complete`() {
        #expect(LogScan([first: (20, 20), second: (0, 0)], for: "test").isComplete)
    }

    @Test func `a failure names each open partition, and where it stands`() throws {
        var scan = LogScan([first: (0, 5), second: (3, 9)], for: "reading orders", patience: .zero)
        scan.took(4, of: first) { nil }
        scan.took(6, of: second) { nil }
        scan.note(KafkaError(name: "_TRANSPORT", message: "refused", context: "poll", isTransient: true))
        let failure = try #require(scan.failure)
        #expect(failure.isTransient)
        #expect(failure.context == "reading orders")
        #expect(failure.message.contains("orders[1] stands at 7 of 9"))
        #expect(!failure.message.contains("orders[0]"))
        #expect(failure.message.contains("refused"))
    }

    @Test func `a failure names three partitions at most`() throws {
        let stretches = (0..<500).map { (TopicPartition(topic: "t", partition: $0), (Int64(0), Int64(1))) }
        let scan = LogScan(
            Dictionary(uniqueKeysWithValues: stretches.map { ($0, (begin: $1.0, end: $1.1)) }),
            for: "test",
            by: .after(.zero)
        )
        let message = try #require(scan.failure).message
        #expect(message.contains("497 more are open"))
        #expect(message.contains("the time is over"))
    }

    private func play(_ events: [Event], in scan: inout LogScan) {
        for event in events {
            switch event {
            case .record(let offset): scan.took(offset, of: first) { 22 }
            case .end(let offset): scan.metEnd(at: offset, of: first)
            }
        }
    }
}
