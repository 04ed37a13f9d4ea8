import History
import Model
import Testing

@testable import Writer

@Suite struct OutageDetectorTests {
    static let old = HistoryLine.Session(node: "a:1", backendProcessID: 1, timeline: Timeline(7))
    static let new = HistoryLine.Session(node: "b:1", backendProcessID: 2, timeline: Timeline(8))

    static func at(_ milliseconds: UInt64) -> Moment {
        Moment(monotonic: milliseconds * 1_000_000, wall: Int64(milliseconds) * 1_000)
    }

    @Test func `an outage reaches from the last acknowledgement to the next one of any worker`() throws {
        var detector = OutageDetector(rate: 1_000)
        let answer1 = detector.acknowledged(at: Self.at(100), on: Self.old)
        #expect(answer1 == nil)
        detector.failed(at: Self.at(150), cause: "57P01", message: "shutdown", isInfo: true)
        detector.failed(at: Self.at(150), cause: "unreachable", message: "refused", isInfo: false)
        detector.failed(at: Self.at(150), cause: "unreachable", message: "refused", isInfo: false)
        let ended = detector.acknowledged(at: Self.at(8_410), on: Self.new)
        let outage = try #require(ended)
        #expect(outage.began == Self.at(100))
        #expect(outage.length == 8_310_000_000)
        #expect(outage.failures.count == 3)
        #expect(outage.failures.infoCount == 1)
        #expect(outage.failures.causes == ["57P01": 1, "unreachable": 2])
        #expect(outage.before == Self.old)
        #expect(outage.after == Self.new)
        let answer2 = detector.acknowledged(at: Self.at(8_411), on: Self.new)
        #expect(answer2 == nil)
        #expect(detector.failures == Failures())
    }

    @Test func `a second without an acknowledgement is none yet`() {
        var detector = OutageDetector(rate: nil)
        _ = detector.acknowledged(at: Self.at(0), on: Self.old)
        detector.failed(at: Self.at(150), cause: "57P01", message: "", isInfo: false)
        let answer3 = detector.acknowledged(at: Self.at(1_000), on: Self.old)
        #expect(answer3 == nil)
    }

    @Test func `at a low rate the pause between two writes is none`() {
        var detector = OutageDetector(rate: 1)
        _ = detector.acknowledged(at: Self.at(0), on: Self.old)
        let answer4 = detector.acknowledged(at: Self.at(4_900), on: Self.old)
        #expect(answer4 == nil)
        #expect(detector.ongoing(at: Self.at(9_800)) == nil)
        #expect(detector.ongoing(at: Self.at(10_000)) != nil)
    }

    @Test func `a server that hangs is one before anything failed`() throws {
        var detector = OutageDetector(rate: 100)
        _ = detector.acknowledged(at: Self.at(0), on: Self.old)
        let outage = try #require(detector.ongoing(at: Self.at(3_000)))
        #expect(outage.failures.count == 0)
        #expect(outage.after == nil)
        let ended = detector.acknowledged(at: Self.at(3_100), on: Self.old)
        #expect(ended?.length == 3_100_000_000)
    }

    @Test func `waiting for the first leader is none`() {
        var detector = OutageDetector(rate: 100)
        detector.failed(at: Self.at(150), cause: "unreachable", message: "", isInfo: false)
        #expect(detector.ongoing(at: Self.at(60_000)) == nil)
        let answer5 = detector.acknowledged(at: Self.at(60_000), on: Self.old)
        #expect(answer5 == nil)
    }

    @Test func `an acknowledgement that is reported late does not move the mark back`() {
        var detector = OutageDetector(rate: 100)
        _ = detector.acknowledged(at: Self.at(2_000), on: Self.old)
        _ = detector.acknowledged(at: Self.at(1_500), on: Self.old)
        let answer6 = detector.acknowledged(at: Self.at(2_900), on: Self.old)
        #expect(answer6 == nil)
    }

    @Test func `what failed just before the last acknowledgement belongs to the outage`() {
        var detector = OutageDetector(rate: 100)
        _ = detector.acknowledged(at: Self.at(100), on: Self.old)
        detector.failed(at: Self.at(150), cause: "57P01", message: "", isInfo: true)
        _ = detector.acknowledged(at: Self.at(151), on: Self.old)
        let outage = detector.acknowledged(at: Self.at(3_000), on: Self.new)
        #expect(outage?.failures.infoCount == 1)
        #expect(outage?.began == Self.at(151))
    }

    @Test func `a failure long before the last acknowledgement does not belong to the outage`() {
        var detector = OutageDetector(rate: 100)
        detector.failed(at: Self.at(150), cause: "40001", message: "", isInfo: false)
        for time in stride(from: 200, through: 2_000, by: 100) as StrideThrough<UInt64> {
            _ = detector.acknowledged(at: Self.at(time), on: Self.old)
        }
        let outage = detector.acknowledged(at: Self.at(5_000), on: Self.new)
        #expect(outage?.failures.count == 0)
    }
}
