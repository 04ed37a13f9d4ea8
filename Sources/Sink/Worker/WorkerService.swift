import HTTPServer
import Kafka
import Logs
import Services
import Threading

/// Runs a worker until it is asked to end: its topics, what follows them, and its tasks.
struct WorkerService: Service {
    let configuration: WorkerConfiguration
    let own: Heartbeat
    let desk: OrderDesk
    let follower: StateFollower
    let tasks: RunningTasks
    /// It must listen before anything is consumed: a port that is taken is found out first.
    let http: HTTPService
    let logger: Logger

    /// - Throws: `WorkerError` when the topics cannot be used.
    func run() async throws {
        guard await http.waitUntilListening() else { return }
        let stop = StopSignal()
        try await withGracefulShutdownHandler {
            try await prepare(stop)
            guard !stop.isRequested else { return }
            let following = StopSignal()
            await withDedicatedThread { [desk] in desk.open() }
            async let followed: Void = withDedicatedThread { [follower] in follower.run(stop: following) }
            await withDedicatedThread { [configuration, own, follower, tasks, logger] in
                var turn = WorkerTurn(configuration, own, follower: follower, tasks: tasks, logger: logger)
                turn.run(stop: stop)
            }
            following.request()
            await followed
        } onGracefulShutdown: {
            stop.request()
        }
    }

    /// Makes and checks the topics; brokers that are away are waited for.
    private func prepare(_ stop: StopSignal) async throws(WorkerError) {
        let (configuration, logger) = (configuration, logger)
        try await withDedicatedThread { () throws(WorkerError) in
            var isWaiting = false
            while !stop.isRequested {
                do throws(WorkerError) {
                    return try configuration.topics.prepare(configuration)
                } catch {
                    guard case .kafka(let cause) = error, cause.isTransient else { throw error }
                    if !isWaiting {
                        logger.warning(
                            "the brokers do not answer; waiting for them",
                            metadata: ["error": "\(cause)"]
                        )
                    }
                    isWaiting = true
                    stop.sleep(.seconds(1))
                }
            }
        }
    }
}
