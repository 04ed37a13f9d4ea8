import Synchronization

@testable import Services

/// What happened in a test, in order; tests wait for it instead of sleeping.
final class Diary: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func write(_ line: String) { lines.withLock { $0.append(line) } }

    /// Waits up to ten minutes for a line: other tests may hold both threads of the pool for a minute.
    ///
    /// - Returns: whether it came.
    func wait(for line: String) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(600)
        while ContinuousClock.now < deadline {
            if all.contains(line) { return true }
            try? await Task.sleep(for: .milliseconds(1))
        }
        return false
    }
}

/// A service that writes down what happens to it.
struct Probe: Service {
    /// What it does when it is asked to end.
    enum End {
        /// As work on a thread of its own does: a cancelled task alone does not end it.
        case returns
        case throwsError
        /// It goes on until its task is cancelled.
        case ignored
        /// It goes on until `release` is written, whatever is asked of it.
        case stuck
    }

    struct Fault: Error, Equatable { let name: String }

    let name: String
    let diary: Diary
    var end = End.returns
    /// What it does after it has started, instead of waiting for its end.
    var instead: (@Sendable () async throws -> Void)?

    init(
        _ name: String,
        _ diary: Diary,
        end: End = .returns,
        instead: (@Sendable () async throws -> Void)? = nil
    ) {
        (self.name, self.diary, self.end, self.instead) = (name, diary, end, instead)
    }

    func run() async throws {
        diary.write("\(name) starts")
        defer { diary.write("\(name) ends") }
        if let instead { return try await instead() }
        try await withGracefulShutdownHandler {
            while true {
                switch end {
                case .returns where diary.all.contains("\(name) asked"): return
                case .throwsError where diary.all.contains("\(name) asked"): throw Fault(name: name)
                case .ignored where Task.isCancelled: return
                case .stuck where diary.all.contains("release"): return
                default: await Task.yield()
                }
            }
        } onGracefulShutdown: { [diary, name] in
            diary.write("\(name) asked")
        }
    }
}

/// Requests that a test makes instead of a signal.
struct Requests: Sendable {
    let source: EndRequests
    let ask: @Sendable () -> Void

    init(diary: Diary, isAsked: Bool = false) {
        let (stream, continuation) = AsyncStream<String>.makeStream()
        ask = { continuation.yield("SIGTERM") }
        source = EndRequests(
            begin: { () throws(ServiceGroupError) in stream },
            isAsked: { isAsked },
            end: { diary.write("restored") }
        )
    }
}
