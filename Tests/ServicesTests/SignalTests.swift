import Glibc
import Testing

@testable import Services

/// Real signals, each test in a process of its own.
struct SignalTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal ends the group in order, and then signals do what they did before`(number: Int32) async {
        await #expect(processExitsWith: .success) { [number] in
            var former = sigaction()
            let diary = Diary()
            async let run: Void = ServiceGroup(
                [.init(Probe("a", diary)), .init(Probe("b", diary))],
                patience: .seconds(30),
                grace: .seconds(5),
                report: diary.write
            ).run()
            guard await diary.wait(for: "b starts") else { exit(2) }
            kill(getpid(), number)
            try await run
            let name = number == SIGTERM ? "SIGTERM" : "SIGINT"
            guard diary.all.contains("asked to end by \(name)"), diary.all.last == "a ends" else { exit(3) }
            sigaction(number, nil, &former)
            // SAFETY: of the union, the handler is set: SA_SIGINFO is not.
            guard former.__sigaction_handler.sa_handler == nil else { exit(4) }
            exit(0)
        }
    }

    @Test func `a second signal ends the process at once with its status`() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            let diary = Diary()
            async let run: Void = ServiceGroup(
                [.init(Probe("a", diary, end: .stuck))],
                patience: nil,
                grace: .seconds(60),
                report: diary.write
            ).run()
            guard await diary.wait(for: "a starts") else { exit(2) }
            kill(getpid(), SIGINT)
            guard await diary.wait(for: "a asked") else { exit(3) }
            kill(getpid(), SIGTERM)
            try await run
        }
    }

    @Test func `a signal between the installation and the start starts nothing`() async {
        await #expect(processExitsWith: .success) {
            ServiceGroup.installSignals()
            kill(getpid(), SIGTERM)
            // Another thread may get it, a moment later.
            let deadline = ContinuousClock.now + .seconds(60)
            while !EndRequests.signals.isAsked(), ContinuousClock.now < deadline { await Task.yield() }
            let diary = Diary()
            try await ServiceGroup(
                [.init(Probe("a", diary))],
                patience: nil,
                grace: .seconds(60),
                report: diary.write
            ).run()
            guard diary.all == ["asked to end before the start"] else { exit(2) }
        }
    }

    @Test func `services that outlast their cancellation end the process with its own exit code`() async {
        await #expect(processExitsWith: .exitCode(75)) {
            let diary = Diary()
            async let run: Void = ServiceGroup(
                [.init(Probe("a", diary, end: .stuck))],
                patience: .milliseconds(10),
                grace: .milliseconds(10),
                report: diary.write
            ).run()
            guard await diary.wait(for: "a starts") else { exit(2) }
            kill(getpid(), SIGTERM)
            try await run
        }
    }

    @Test func `the process ends also when its services block all threads of the pool`() async {
        await #expect(processExitsWith: .exitCode(75)) {
            let diary = Diary()
            let (asked, continuation) = AsyncStream<Void>.makeStream()
            let blocking = Probe("a", diary) {
                await withGracefulShutdownHandler {
                    for await _ in asked { break }
                    await withTaskGroup { tasks in
                        for _ in 0..<64 { tasks.addTask { while true { pause() } } }
                    }
                } onGracefulShutdown: {
                    continuation.yield()
                }
            }
            async let run: Void = ServiceGroup(
                [.init(blocking)],
                patience: .milliseconds(50),
                grace: .milliseconds(10),
                report: diary.write
            ).run()
            guard await diary.wait(for: "a starts") else { exit(2) }
            kill(getpid(), SIGTERM)
            try await run
        }
    }

    @Test func `a pipe that nobody reads does not end the process`() async {
        await #expect(processExitsWith: .success) {
            ServiceGroup.installSignals()
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { exit(2) }
            close(ends[0])
            guard write(ends[1], "x", 1) == -1, errno == EPIPE else { exit(3) }
        }
    }

    @Test func `without a descriptor for the pipe the group does not run`() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 0, rlim_max: 0)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            do {
                try await ServiceGroup([], patience: nil, grace: .zero) { _ in }.run()
                exit(2)
            } catch ServiceGroupError.noPipe(let code) where code == EMFILE {
                exit(0)
            }
        }
    }
}
