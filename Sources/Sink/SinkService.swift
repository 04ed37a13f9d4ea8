import Logging
import ServiceLifecycle
import Shared

/// Runs the lanes, each on a thread of its own, until the process is asked to end or a lane fails.
struct SinkService: Service {
    let configuration: SinkConfiguration
    let statistics: LaneStatistics
    let logger: Logger
    private let stop = StopSignal()

    init(configuration: SinkConfiguration, statistics: LaneStatistics, logger: Logger) {
        (self.configuration, self.statistics, self.logger) = (configuration, statistics, logger)
    }

    /// - Throws: the first `SinkError` of a lane; the other lanes finish their batches first.
    func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<configuration.laneCount {
                    group.addTask { try await runLane(index) }
                }
                try await group.waitForAll()
            }
        } onGracefulShutdown: { [stop] in
            stop.request()
        }
    }

    private func runLane(_ index: Int) async throws {
        let (configuration, stop, statistics, logger) = (configuration, stop, statistics, logger)
        // One lane's failure ends them all: a sink that works on half of its partitions helps nobody.
        defer { stop.request() }
        try await withDedicatedThread { () throws(SinkError) in
            var lane = try Lane.make(
                configuration,
                index: index,
                stop: stop,
                statistics: statistics,
                logger: logger
            )
            try lane.run()
        }
    }
}
