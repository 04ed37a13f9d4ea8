import Commands
import Model
import Testing

@testable import Sink

struct ResetPlanTests {
    private static let place = TopicPartition(topic: "t", partition: 0)

    private static func change(
        to target: ResetPlan.Target,
        stored: Int64?,
        from first: Int64 = 10,
        to end: Int64 = 50,
        asked: Int64? = nil
    ) throws(ResetError) -> ResetPlan.Change {
        let marks = [place: PartitionMarks(first: first, end: end)]
        return try ResetPlan(
            to: target,
            marks: marks,
            stored: stored.map { [place: $0] } ?? [:],
            asked: asked.map { [place: $0] } ?? [:]
        ).changes[0]
    }

    @Test(
        arguments: [
            (.earliest, 30, 10, "applies up to 20 records again"),
            (.latest, 30, 50, "skips up to 20 records"),
            (.offset(31), 30, 31, "skips up to 1 record"),
            (.offset(30), 30, 30, "no change"),
            (.earliest, 4, 10, "skips nothing that is there; 6 records in front are gone already"),
            (.latest, 4, 50, "skips up to 40 records; 6 records in front are gone already"),
            (.earliest, 90, 10, "the log ends in front of the stored offset; applies up to 40 records"),
            (.earliest, nil, 10, "begins there, as without a reset"),
            (.latest, nil, 50, "begins there, without 40 records"),
        ] as [(ResetPlan.Target, Int64?, Int64, String)]
    )
    func `a reset says what it skips and what it repeats`(
        target: ResetPlan.Target,
        stored: Int64?,
        new: Int64,
        effect: String
    ) throws {
        let change = try Self.change(to: target, stored: stored)
        #expect(change.new == new)
        #expect(change.effect == effect)
        #expect(change.isChange == (stored != new))
    }

    @Test(arguments: [9, 51] as [Int64])
    func `an offset that the broker does not have is refused`(offset: Int64) throws {
        let error = #expect(throws: ResetError.self) {
            try Self.change(to: .offset(offset), stored: 30)
        }
        #expect(error?.description == "t[0]: offset \(offset) is not there; the broker has 10 to 50")
    }

    @Test(
        arguments: [
            (.group, 30, 30), (.time(0), 12, 12), (.time(0), nil, 50),
        ] as [(ResetPlan.Target, Int64?, Int64)]
    )
    func `the group's offset and a time are what the brokers say`(
        target: ResetPlan.Target,
        asked: Int64?,
        new: Int64
    ) throws {
        #expect(try Self.change(to: target, stored: 20, asked: asked).new == new)
    }

    @Test func `a group that has committed nothing, or what is gone, is no target`() {
        let none = #expect(throws: ResetError.self) { try Self.change(to: .group, stored: 20) }
        #expect(none?.description.contains("the sink's group has no offset of it") == true)
        let gone = #expect(throws: ResetError.self) { try Self.change(to: .group, stored: 20, asked: 9) }
        #expect(gone?.description == "t[0]: offset 9 is not there; the broker has 10 to 50")
    }

    @Test(
        arguments: [
            ("2026-11-29T06:00:00Z", 1_795_932_000_000), ("2026-11-29T06:00:00.250Z", 1_795_932_000_250),
            ("2026-11-29T07:00:00+01:00", 1_795_932_000_000),
        ] as [(String, Int64)]
    )
    func `a time has a zone`(text: String, time: Int64) throws {
        #expect(try ResetPlan.Target(argument: text) == .time(time))
    }

    @Test(arguments: [
        "", "-1", "2026-11-29T06:00:00", "2026-11-29", "T", "1969-12-31T23:59:59Z", "first", "1.5",
        "earliest ", "9223372036854775808",
    ])
    func `what is no target is not taken for one`(text: String) {
        #expect(throws: InvalidValue.self) { try ResetPlan.Target(argument: text) }
    }

    @Test func `a plan shows each partition in order, and whether rows may come twice`() throws {
        let other = TopicPartition(topic: "t", partition: 1)
        let marks = PartitionMarks(first: 0, end: 7)
        let plan = try ResetPlan(
            to: .earliest,
            marks: [other: marks, Self.place: marks],
            stored: [other: 0, Self.place: 5]
        )
        let expected = """
            PARTITION  STORED  NEW  BROKER HAS  EFFECT
            t[0]       5       0    0 to 7      applies up to 5 records again
            t[1]       0       0    0 to 7      no change
            """
        #expect(plan.text == expected)
        #expect(plan.repeats)
        let forward = try ResetPlan(to: .latest, marks: [Self.place: marks], stored: [Self.place: 5])
        #expect(!forward.repeats)
    }

    @Test func `the errors name the way out`() {
        let missing = SinkError.missingOffset(Self.place, stored: 5, low: 9, high: 20).description
        let other = SinkError.otherLog(
            Self.place,
            stored: RecordMark(offset: 4, timestamp: 1_700_000_000_123),
            found: RecordMark(offset: 4, timestamp: 1_700_000_001_000)
        ).description
        for text in [missing, other] {
            #expect(
                text.contains(
                    "sink reset FILE --topic t --partition 0 --to earliest|latest|group|OFFSET|TIME"
                )
            )
        }
        #expect(other.contains("2023-11-14T22:13:20.123Z"))
        #expect(other.contains("2023-11-14T22:13:21.000Z"))
    }
}
