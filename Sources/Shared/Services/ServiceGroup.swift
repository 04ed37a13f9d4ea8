import Dispatch
import Glibc
import Synchronization

/// Services that run together and end in order.
///
/// They start in order. On SIGTERM or SIGINT, when one of them fails, and when one ends that `endsGroup`,
/// they are asked to end in reverse order, each once the one before it has ended. A second signal ends the
/// process at once, with the status of that signal. One group of a process runs at a time.
public struct ServiceGroup: Sendable {
    /// A service and its part in the group.
    public struct Member: Sendable {
        let service: any Service
        let endsGroup: Bool

        /// - Parameter endsGroup: whether the group ends in order when the service returns; otherwise that it
        ///   returns unasked is an error.
        public init(_ service: any Service, endsGroup: Bool = false) {
            (self.service, self.endsGroup) = (service, endsGroup)
        }
    }

    /// The exit code of a process whose services did not even end when cancelled: EX_TEMPFAIL of sysexits.h.
    public static let overdueExitCode = EX_TEMPFAIL

    private let members: [Member]
    private let patience: Duration?
    private let grace: Duration
    private let report: @Sendable (String) -> Void
    var requests = EndRequests.signals
    var exit: @Sendable (Int32) -> Void = { _exit($0) }

    /// - Parameters:
    ///   - patience: how long the services may take from the first request to the end of the last; `nil`: any
    ///     time.
    ///   - grace: how long they may take then to return from their cancelled tasks.
    ///   - report: says what is worth a line in the log; called on any thread.
    public init(
        _ services: [Member],
        patience: Duration? = nil,
        grace: Duration = .seconds(5),
        report: @escaping @Sendable (String) -> Void
    ) {
        (members, self.patience, self.grace, self.report) = (services, patience, grace, report)
    }

    /// Makes the next SIGTERM or SIGINT end the group that runs then or later, and has SIGPIPE ignored.
    ///
    /// Called at the start of a program, it makes the end orderly from there on; otherwise `run` does it.
    /// Where the system gives no pipe, signals do what they did, and `run` throws.
    public static func installSignals() {
        try? ProcessSignals.install()
    }

    /// Runs the services until the last of them has ended; then SIGTERM and SIGINT do again what they did
    /// before.
    ///
    /// After a signal that came before, nothing starts. SIGPIPE stays ignored: a client or a pipe that goes
    /// away is an error of the call that writes. When the task is cancelled, so are the services, and all are
    /// asked to end at once. A process whose services outlast `grace` ends with `overdueExitCode`.
    ///
    /// - Throws: the first error of a service, or `ServiceGroupError`, or `CancellationError`.
    public func run() async throws {
        try Task.checkCancellation()
        let signals = try requests.begin()
        defer { requests.end() }
        guard !requests.isAsked() else { return report("asked to end before the start") }
        var plan = GroupPlan(members.map { ("\(type(of: $0.service))", $0.endsGroup) })
        let ends = members.map { _ in EndSignal() }
        let watchdog = Watchdog()
        defer { watchdog.stop() }
        await withTaskGroup(of: GroupPlan.Fact.self) { group in
            for (place, member) in members.enumerated() {
                // Immediate: it runs to its first wait before the next one starts.
                group.addImmediateTask {
                    do {
                        try await EndSignal.$current.withValue(ends[place]) { try await member.service.run() }
                        return .ended(place, nil)
                    } catch {
                        return .ended(place, error)
                    }
                }
            }
            let listen: @Sendable () async -> GroupPlan.Fact = {
                for await name in signals { return .asked(by: name) }
                return .cancelled
            }
            group.addTask { await listen() }
            while !plan.isOver, let fact = await group.next() {
                if case .asked = fact { group.addTask { await listen() } }
                // First: a service that returns because it is cancelled does not return unasked.
                let steps = Task.isCancelled ? plan.take(.cancelled) : []
                for step in steps + plan.take(fact) {
                    switch step {
                    case .report(let text): report(text)
                    case .ask(let place): ends[place].request()
                    case .limit:
                        guard let patience else { continue }
                        group.addTask {
                            await (try? Task.sleep(for: patience)) == nil ? .cancelled : .overdue
                        }
                        watchdog.start(patience + grace, bite)
                    case .cancel:
                        group.cancelAll()
                        for end in ends.reversed() { end.request() }
                        watchdog.start(grace, bite)
                    }
                }
            }
            group.cancelAll()
        }
        if let failure = plan.failure { throw failure }
    }

    private func bite() {
        report("services outlast their cancellation; the process ends with exit code \(Self.overdueExitCode)")
        exit(Self.overdueExitCode)
    }
}

/// Acts after a time unless it is stopped before, also when services block the concurrency pool.
private final class Watchdog: Sendable {
    private let isStopped = Mutex(false)

    func start(_ time: Duration, _ bite: @escaping @Sendable () -> Void) {
        let (seconds, attoseconds) = time.components
        let delay = Double(seconds) + Double(attoseconds) * 1e-18
        DispatchQueue(label: "services").asyncAfter(deadline: .now() + delay) {
            // In the lock: a group that is over is not bitten.
            self.isStopped.withLock { if !$0 { bite() } }
        }
    }

    func stop() { isStopped.withLock { $0 = true } }
}
