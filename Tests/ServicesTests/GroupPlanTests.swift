import Testing

@testable import Services

private struct Fault: Error, Equatable, CustomStringConvertible {
    let description: String
}

private func error(_ plan: GroupPlan) -> String? { plan.failure.map { "\($0)" } }

struct GroupPlanTests {
    private static let overdue = ServiceGroupError.overdue(services: ["http", "lanes"])

    /// `http` and `audit` stay until they are asked; the group ends with `lanes`.
    private var plan = GroupPlan([("http", false), ("audit", false), ("lanes", true)])

    @Test mutating func `a signal asks the services in reverse, each after the end of the one before`() {
        #expect(plan.take(.asked(by: "SIGTERM")) == [.report("asked to end by SIGTERM"), .limit, .ask(2)])
        #expect(plan.take(.ended(2, nil)) == [.ask(1)])
        #expect(plan.take(.ended(1, nil)) == [.ask(0)])
        #expect(!plan.isOver)
        #expect(plan.take(.ended(0, nil)) == [])
        #expect(plan.isOver)
        #expect(error(plan) == nil)
    }

    @Test mutating func `a service that the group ends with ends it in order`() {
        #expect(plan.take(.ended(2, nil)) == [.limit, .ask(1)])
        #expect(error(plan) == nil)
    }

    @Test mutating func `a service that returns unasked ends the group with an error`() {
        #expect(plan.take(.ended(1, nil)) == [.limit, .ask(2)])
        #expect(error(plan) == "\(ServiceGroupError.endedUnexpectedly(service: "audit"))")
    }

    @Test mutating func `a service that ends before its turn is not asked`() {
        #expect(plan.take(.asked(by: "SIGINT")).last == .ask(2))
        #expect(plan.take(.ended(1, nil)) == [])
        #expect(plan.take(.ended(2, nil)) == [.ask(0)])
        #expect(error(plan) == nil)
    }

    @Test mutating func `the first error wins and the others are reported`() {
        #expect(plan.take(.ended(1, Fault(description: "first"))) == [.limit, .ask(2)])
        #expect(
            plan.take(.ended(2, Fault(description: "second"))) == [
                .report("lanes failed too: second"), .ask(0),
            ]
        )
        #expect(plan.take(.ended(0, nil)) == [])
        #expect(error(plan) == "first")
    }

    @Test mutating func `an error during an ordinary end is the group's`() {
        _ = plan.take(.asked(by: "SIGTERM"))
        #expect(plan.take(.ended(2, Fault(description: "while it ended"))) == [.ask(1)])
        #expect(error(plan) == "while it ended")
    }

    @Test mutating func `patience that is over cancels, asks nobody any more and is the group's error`() {
        _ = plan.take(.asked(by: "SIGTERM"))
        _ = plan.take(.ended(1, nil))
        #expect(plan.take(.overdue) == [.report("\(Self.overdue)"), .cancel])
        #expect(plan.take(.ended(2, CancellationError())) == [])
        #expect(plan.take(.overdue) == [])
        #expect(plan.take(.cancelled) == [])
        #expect(error(plan) == "\(Self.overdue)")
    }

    @Test mutating func `patience that is over does not hide the error before it`() {
        _ = plan.take(.ended(1, Fault(description: "first")))
        #expect(plan.take(.overdue) == [.report("\(Self.overdue)"), .cancel])
        #expect(error(plan) == "first")
    }

    @Test mutating func `a cancelled group cancels all and says so`() {
        #expect(plan.take(.cancelled) == [.cancel])
        #expect(plan.failure is CancellationError)
        for place in 0...2 { #expect(plan.take(.ended(place, CancellationError())) == []) }
        #expect(plan.isOver)
    }

    @Test mutating func `a second request asks nobody twice`() {
        _ = plan.take(.asked(by: "SIGTERM"))
        #expect(plan.take(.asked(by: "SIGINT")) == [.report("asked to end by SIGINT")])
    }

    @Test func `a group without services is over`() {
        #expect(GroupPlan([]).isOver)
    }
}
