import Synchronization
import Testing

@testable import Services

struct ServiceGroupTests {
    private let diary = Diary()
    private let requests: Requests

    init() {
        requests = Requests(diary: diary)
    }

    private func group(
        _ services: [ServiceGroup.Member],
        patience: Duration? = nil,
        grace: Duration = .seconds(60),
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) -> ServiceGroup {
        let diary = diary
        var group = ServiceGroup(services, patience: patience, grace: grace, report: report)
        group.requests = requests.source
        group.exit = { diary.write("exit \($0)") }
        return group
    }

    @Test func `services start in order and end in reverse`() async throws {
        let group = group(["a", "b", "c"].map { .init(Probe($0, diary)) })
        let run = Task { try await group.run() }
        #expect(await diary.wait(for: "c starts"))
        requests.ask()
        try await run.value
        #expect(
            diary.all == [
                "a starts", "b starts", "c starts", "c asked", "c ends", "b asked", "b ends", "a asked",
                "a ends",
                "restored",
            ]
        )
    }

    @Test func `the group ends in order with the service that ends it`() async throws {
        try await group([.init(Probe("a", diary)), .init(Probe("b", diary, instead: {}), endsGroup: true)])
            .run()
        #expect(diary.all == ["a starts", "b starts", "b ends", "a asked", "a ends", "restored"])
    }

    @Test func `a service that ends early ends the group with an error`() async throws {
        let group = group([.init(Probe("a", diary)), .init(Probe("b", diary, instead: {}))])
        await #expect(throws: ServiceGroupError.endedUnexpectedly(service: "Probe")) { try await group.run() }
        #expect(diary.all.suffix(3) == ["a asked", "a ends", "restored"])
    }

    @Test func `the first error wins, and the others end in order before it is thrown`() async throws {
        let group = group([
            .init(Probe("a", diary)),
            .init(Probe("b", diary, end: .throwsError)),
            .init(Probe("c", diary, instead: { throw Probe.Fault(name: "c") })),
        ])
        await #expect(throws: Probe.Fault(name: "c")) { try await group.run() }
        #expect(diary.all.suffix(5) == ["b asked", "b ends", "a asked", "a ends", "restored"])
    }

    @Test func `an error while the services end is thrown once all have ended`() async throws {
        let group = group([.init(Probe("a", diary)), .init(Probe("b", diary, end: .throwsError))])
        let run = Task { try await group.run() }
        #expect(await diary.wait(for: "b starts"))
        requests.ask()
        await #expect(throws: Probe.Fault(name: "b")) { try await run.value }
        #expect(diary.all.suffix(5) == ["b asked", "b ends", "a asked", "a ends", "restored"])
    }

    @Test func `a service that ignores its end is cancelled when patience is over`() async throws {
        let group = group(
            [.init(Probe("a", diary)), .init(Probe("b", diary, end: .ignored))],
            patience: .milliseconds(20)
        )
        let run = Task { try await group.run() }
        #expect(await diary.wait(for: "b starts"))
        requests.ask()
        await #expect(throws: ServiceGroupError.overdue(services: ["Probe", "Probe"])) { try await run.value }
        #expect(diary.all.contains("a asked"), "also the one whose turn had not come")
        #expect(!diary.all.contains("exit 75"))
    }

    @Test func `a service that ignores its cancellation ends the process after the grace`() async throws {
        let group = group(
            [.init(Probe("a", diary, end: .stuck))],
            patience: .milliseconds(10),
            grace: .milliseconds(10),
            report: diary.write
        )
        let run = Task { try await group.run() }
        #expect(await diary.wait(for: "a starts"))
        requests.ask()
        let overdue = ServiceGroupError.overdue(services: ["Probe"])
        // Either comes first: the limit of the process also holds when the group itself is kept waiting.
        #expect(await diary.wait(for: "exit 75"))
        #expect(await diary.wait(for: "\(overdue)"))
        diary.write("release")
        await #expect(throws: overdue) { try await run.value }
    }

    @Test func `cancelling the group's task asks and cancels all services`() async throws {
        let group = group([.init(Probe("a", diary)), .init(Probe("b", diary, end: .ignored))])
        let run = Task { try await group.run() }
        #expect(await diary.wait(for: "b starts"))
        run.cancel()
        await #expect(throws: CancellationError.self) { try await run.value }
        #expect(diary.all.last == "restored")
        #expect(Set(["a asked", "a ends", "b ends"]).isSubset(of: diary.all))
    }

    @Test func `a request that came before the start starts nothing`() async throws {
        var group = group([.init(Probe("a", diary))])
        group.requests = Requests(diary: diary, isAsked: true).source
        try await group.run()
        #expect(diary.all == ["restored"])
    }

    @Test func `a group without services ends at once`() async throws {
        try await group([]).run()
        #expect(diary.all == ["restored"])
    }

    @Test func `child tasks hear of the end, and a handler runs once`() async throws {
        let diary = diary
        let child = Probe("child", diary)
        let parent = Probe("parent", diary) {
            await withTaskGroup { tasks in
                tasks.addTask { try? await child.run() }
                await tasks.waitForAll()
            }
            // The end was requested before: the handler runs at once.
            await withGracefulShutdownHandler {
                diary.write("late operation")
            } onGracefulShutdown: {
                diary.write("late handler")
            }
        }
        let group = group([.init(parent)])
        let run = Task { try await group.run() }
        #expect(await diary.wait(for: "child starts"))
        requests.ask()
        try await run.value
        #expect(
            diary.all == [
                "parent starts", "child starts", "child asked", "child ends", "late handler",
                "late operation",
                "parent ends", "restored",
            ]
        )
    }

    @Test func `a handler whose operation is over does not run`() {
        let signal = EndSignal()
        let calls = Atomic<Int>(0)
        let first = signal.add { calls.add(1, ordering: .relaxed) }
        _ = signal.add { calls.add(10, ordering: .relaxed) }
        signal.remove(first)
        signal.request()
        signal.request()
        #expect(calls.load(ordering: .relaxed) == 10)
    }

    @Test func `outside of a group the handler never runs, and errors and values pass`() async {
        let value = await withGracefulShutdownHandler {
            7
        } onGracefulShutdown: {
            Issue.record("it ran")
        }
        #expect(value == 7)
        await #expect(throws: Probe.Fault(name: "x")) {
            try await withGracefulShutdownHandler { () throws(Probe.Fault) in
                throw Probe.Fault(name: "x")
            } onGracefulShutdown: {
            }
        }
    }
}
