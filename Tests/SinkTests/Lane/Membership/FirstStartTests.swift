import Kafka
import Model
import Testing

@testable import Sink

struct FirstStartTests {
    private static let gone = "is not in the log"
    private static let place = TopicPartition(topic: "t", partition: 0)

    private static func start(
        _ committed: CommittedOffset?,
        _ policy: FirstStart.Policy
    ) throws(SinkError) -> FirstStart {
        try FirstStart(of: place, committed: committed, marks: (low: 10, high: 50), policy: policy)
    }

    @Test(
        arguments: [
            // Connect's sink was here: nothing is applied again.
            (CommittedOffset(offset: 30), .earliest, 30, "where the group is"),
            (CommittedOffset(offset: 30), .latest, 30, "where the group is"),
            (CommittedOffset(offset: 30), .none, 30, "where the group is"),
            (CommittedOffset(offset: 50), .earliest, 50, "where the group is"),
            (CommittedOffset(offset: 10), .earliest, 10, "where the group is"),
            // Retention has overtaken it, or the topic was made anew.
            (CommittedOffset(offset: 9), .earliest, 10, "earliest, for the group's offset 9 \(gone)"),
            (CommittedOffset(offset: 51), .latest, 50, "latest, for the group's offset 51 \(gone)"),
            (nil, .earliest, 10, "earliest"),
            (nil, .latest, 50, "latest"),
            // This program's own commits follow a progress that the destination has lost.
            (CommittedOffset(offset: 30, note: "handover"), .earliest, 10, "earliest"),
            (CommittedOffset(offset: 30, note: "handover"), .latest, 50, "latest"),
            (CommittedOffset(offset: 30, note: "another's"), .earliest, 30, "where the group is"),
        ] as [(CommittedOffset?, FirstStart.Policy, Int64, String)]
    )
    func `a partition without progress begins where the group is, else as the configuration says`(
        committed: CommittedOffset?,
        policy: FirstStart.Policy,
        offset: Int64,
        explanation: String
    ) throws {
        let start = try Self.start(committed, policy)
        #expect(start.offset == offset)
        #expect(start.explanation == explanation)
    }

    @Test(arguments: [nil, CommittedOffset(offset: 51), CommittedOffset(offset: 30, note: "handover")])
    func `with none nobody guesses, and the error names the way out`(committed: CommittedOffset?) {
        let error = #expect(throws: SinkError.self) { try Self.start(committed, .none) }
        let text = error?.description ?? ""
        #expect(text.contains("the broker has 10 to 50"))
        let way = "sink reset FILE --topic t --partition 0 --to earliest|latest|group|OFFSET|TIME"
        #expect(text.contains(way))
    }
}
