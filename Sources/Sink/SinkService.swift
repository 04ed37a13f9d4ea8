import HTTPServer
import Logs
import Services
import Threading

/// Runs the lanes, each on a thread of its own, until the process is asked to end or a lane fails.
struct SinkService: Service {
    let configuration: SinkConfiguration
    let control: SinkControl
    let statistics: LaneStatistics
    /// The HTTP server, which must listen before anything is consumed: a port that is taken is found out first.
    let http: HTTPService?
    /// Whether a failed lane leaves the process waiting for a restart by HTTP.
    let staysAfterFailure: Bool
    let logger: Logger

    /// - Throws: the first `SinkError` of a lane; the other lanes finish their batches first.
    func run() async throws {
        if let http { guard await http.waitUntilListening() else { return } }
        try await withGracefulShutdownHandler {
            var configuration = configuration
            while true {
                do {
                    try await runGeneration(configuration)
                } catch let error as SinkError where staysAfterFailure {
                    logger.critical("stopped; waiting for a restart", metadata: ["error": "\(error)"])
                    await control.waitForOrder()
                }
                guard let next = control.takeRestart() else { return }
                logger.notice("restarting", metadata: ["lanes": "\(next.laneCount)"])
                configuration = next
            }
        } onGracefulShutdown: { [control] in
            control.stop()
        }
    }

    private func runGeneration(_ configuration: SinkConfiguration) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in control.begin(configuration) {
                group.addTask { try await runLane(lane, configuration) }
            }
            try await group.waitForAll()
        }
    }

    private func runLane(_ lane: LaneControl, _ configuration: SinkConfiguration) async throws {
        let (statistics, logger) = (statistics, logger)
        do throws(SinkError) {
            try await withDedicatedThread { () throws(SinkError) in
                var lane = try Lane(configuration, control: lane, statistics: statistics, logger: logger)
                try lane.run()
            }
            control.laneEnded(lane, failure: nil)
        } catch {
            control.laneEnded(lane, failure: "\(error)")
            throw error
        }
    }
}
