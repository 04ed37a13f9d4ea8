import Testing
import Threading

@testable import Sink

@Suite struct SinkControlTests {
    private func configuration(_ changes: [String: String?] = ["tasks.max": "3"]) throws -> SinkConfiguration
    {
        try ConfigurationFixture.read(changes)
    }

    @Test func `a pause reaches every lane, and those of the next generation`() throws {
        let control = SinkControl(configuration: try configuration())
        let lanes = control.begin(try configuration())
        control.order(pause: true)
        #expect(lanes.allSatisfy { $0.isPauseOrdered })
        let next = control.begin(try configuration())
        #expect(next.allSatisfy { $0.isPauseOrdered })
        control.order(pause: false)
        #expect(control.overview.isPaused == false)
    }

    @Test func `a restart ends the lanes one after another`() throws {
        let control = SinkControl(configuration: try configuration())
        let lanes = control.begin(try configuration())
        #expect(control.restart(with: try configuration(["tasks.max": "2"])) == .accepted)
        #expect(lanes.map(\.stop.isRequested) == [true, false, false])
        #expect(control.restart(with: try configuration()) == .busy)
        control.laneEnded(lanes[0], failure: nil)
        #expect(lanes.map(\.stop.isRequested) == [true, true, false])
        control.laneEnded(lanes[1], failure: nil)
        control.laneEnded(lanes[2], failure: nil)
        let next = try #require(control.takeRestart())
        #expect(next.laneCount == 2)
        #expect(control.overview.restarts == 1)
        #expect(control.takeRestart() == nil)
    }

    @Test func `the file of another sink is no configuration to restart with`() throws {
        let control = SinkControl(configuration: try configuration())
        let other = try ConfigurationFixture.read(
            "name=other\n" + ConfigurationFixture.good.map { "\($0)=\($1)\n" }.joined(),
            as: "properties"
        )
        #expect(control.restart(with: other) == .otherName("s"))
    }

    @Test func `a lane that fails ends all, and the end wins over a restart`() throws {
        let control = SinkControl(configuration: try configuration())
        let lanes = control.begin(try configuration())
        control.laneEnded(lanes[1], failure: "broken")
        #expect(lanes.allSatisfy { $0.stop.isRequested })
        #expect(control.overview.failure == "broken")
        #expect(control.overview.lanes[1].phase == .failed("broken"))
        #expect(control.restart(with: try configuration()) == .accepted)
        control.stop()
        #expect(control.takeRestart() == nil)
        #expect(control.restart(with: try configuration()) == .busy)
    }

    @Test func `who waits after a failure goes on at the next order`() async throws {
        let control = SinkControl(configuration: try configuration())
        let lanes = control.begin(try configuration(["tasks.max": "1"]))
        control.laneEnded(lanes[0], failure: "broken")
        #expect(control.restart(with: try configuration()) == .accepted)
        await control.waitForOrder()
        #expect(control.takeRestart() != nil)
        _ = control.begin(try configuration())
        #expect(control.overview.failure == nil)
    }

    @Test func `lanes that begin after the end was ordered end at once`() throws {
        let control = SinkControl(configuration: try configuration())
        control.stop()
        let lanes = control.begin(try configuration())
        #expect(lanes.allSatisfy { $0.stop.isRequested })
    }
}
