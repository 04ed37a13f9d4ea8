import Logs
import Model
import Synchronization
import Threading

/// The tasks of this worker; each is a lane on a thread of its own, and a member of its connector's group.
final class RunningTasks: Sendable {
    /// One task, from its start on.
    private struct Running: Sendable {
        let revision: Int64
        let control: LaneControl
        let statistics: LaneStatistics
        var hasEnded = false
        var isRestarting = false
        /// Why it ended, if not because it was asked to.
        var failure: String?

        var facts: TaskStep.Running {
            TaskStep.Running(
                revision: revision,
                hasEnded: hasEnded,
                isStopping: control.stop.isRequested,
                isRestarting: isRestarting
            )
        }
    }

    private struct State {
        var tasks: [TaskID: Running] = [:]
        /// Tasks of this worker that are more than it may run.
        var excess: [TaskID] = []
        /// What tasks that are gone have applied, by connector.
        var former: [ConnectorName: Int] = [:]
    }

    private let connectors: WorkerFile
    private let capacity: Int
    private let logger: Logger
    private let state = Mutex(State())

    init(_ connectors: WorkerFile, capacity: Int, logger: Logger) {
        (self.connectors, self.capacity, self.logger) = (connectors, capacity, logger)
    }

    // MARK: Orders

    /// Does the next step towards what is wanted, for each task; never waits.
    func reconcile(_ wanted: [TaskID: WorkerPlan.Wanted], excess: [TaskID]) {
        let started = state.withLock { state -> [(TaskID, WorkerPlan.Wanted, Running)] in
            state.excess = excess
            for (id, running) in state.tasks {
                switch TaskStep(wanted[id], running.facts) {
                case .stop: running.control.stop.request()
                case .order(let isPaused): running.control.order(pause: isPaused)
                case .forget:
                    state.former[id.connector, default: 0] += running.statistics.eventCount
                    state.tasks[id] = nil
                case .start, .nothing: break
                }
            }
            // What ends still has its thread and its connections.
            var room = capacity - state.tasks.count
            var started: [(TaskID, WorkerPlan.Wanted, Running)] = []
            for (id, wanted) in wanted.sorted(by: { $0.key < $1.key }) where room > 0 {
                guard TaskStep(wanted, state.tasks[id]?.facts) == .start else { continue }
                let running = Running(
                    revision: wanted.connector.revision,
                    control: LaneControl(index: id.number, isPaused: wanted.isPaused),
                    statistics: LaneStatistics()
                )
                state.tasks[id] = running
                started.append((id, wanted, running))
                room -= 1
            }
            return started
        }
        for (id, wanted, running) in started { Task { await run(id, wanted, running) } }
    }

    /// Has tasks of this worker begin anew.
    func restart(_ connector: ConnectorName, _ order: RestartOrder) {
        state.withLock { state in
            for (id, running) in state.tasks where id.connector == connector {
                guard order.covers(id.number, hasFailed: running.failure != nil) else { continue }
                state.tasks[id]?.isRestarting = true
            }
        }
    }

    /// Whether all have ended.
    var isIdle: Bool { state.withLock { $0.tasks.values.allSatisfy(\.hasEnded) } }

    // MARK: Running

    private func run(_ id: TaskID, _ wanted: WorkerPlan.Wanted, _ running: Running) async {
        var logger = logger
        logger[metadataKey: "connector"] = "\(id.connector)"
        logger.info("a task starts", metadata: ["task": "\(id.number)"])
        do throws(TaskFailure) {
            let (connectors, lane) = (connectors, logger)
            try await withDedicatedThread { () throws(TaskFailure) in
                try Self.work(id, wanted, running, connectors, lane)
            }
            running.control.ended()
            logger.info(
                "a task has ended",
                metadata: ["task": "\(id.number)", "done": "\(running.statistics.summary)"]
            )
            ended(id, failure: nil)
        } catch {
            running.control.failed(error.reason)
            logger.error("a task has failed", metadata: ["task": "\(id.number)", "error": "\(error.reason)"])
            ended(id, failure: error.reason)
        }
    }

    private struct TaskFailure: Error {
        let reason: String
    }

    private static func work(
        _ id: TaskID,
        _ wanted: WorkerPlan.Wanted,
        _ running: Running,
        _ connectors: WorkerFile,
        _ logger: Logger
    ) throws(TaskFailure) {
        let configuration: SinkConfiguration
        do throws(ConfigurationError) {
            configuration = try connectors.configuration(of: id.connector, wanted.connector.properties)
        } catch {
            throw TaskFailure(reason: "\(error)")
        }
        for note in configuration.notes where id.number == 0 {
            logger.notice(
                "a property has no effect here",
                metadata: ["property": "\(note.property)", "reason": "\(note.reason)"]
            )
        }
        do throws(SinkError) {
            var lane = try Lane(
                configuration,
                control: running.control,
                statistics: running.statistics,
                logger: logger
            )
            try lane.run()
        } catch {
            throw TaskFailure(reason: "\(error)")
        }
    }

    private func ended(_ id: TaskID, failure: String?) {
        state.withLock { state in
            state.tasks[id]?.hasEnded = true
            state.tasks[id]?.failure = failure
        }
    }

    // MARK: Looking

    /// What the others are told of each task, in order.
    var reports: [Heartbeat.Task] {
        state.withLock { state in
            let running = state.tasks.map { id, running in Self.report(id, running) }
            let excess = state.excess.filter { state.tasks[$0] == nil }.map { id in
                Heartbeat.Task(
                    connector: id.connector.text,
                    task: id.number,
                    state: .unassigned,
                    trace:
                        "this worker runs \(capacity) tasks at most: add a worker, or give it more by --max-tasks",
                    topics: []
                )
            }
            return (running + excess).sorted { $0.id < $1.id }
        }
    }

    private static func report(_ id: TaskID, _ running: Running) -> Heartbeat.Task {
        let view = running.control.view
        var report = Heartbeat.Task(
            connector: id.connector.text,
            task: id.number,
            state: .unassigned,
            topics: Array(
                Set(view.partitions.map { ExactText($0.place.topic) }).map(\.text).sorted().prefix(
                    Heartbeat.mostTopics
                )
            )
        )
        if running.isRestarting, running.failure == nil {
            report.state = .restarting
        } else {
            switch view.phase {
            case .starting, .ended: report.state = .unassigned
            case .running: report.state = .running
            case .paused: report.state = .paused
            case .failed(let reason):
                report.state = .failed
                report.trace = String(decoding: reason.utf8.prefix(Heartbeat.longestTrace), as: UTF8.self)
            }
        }
        return report
    }

    /// What the metrics show of a connector here.
    struct Counts: Sendable {
        var applied = 0
        var behind: Int64 = 0
        var tasks = 0
    }

    var counts: [ConnectorName: Counts] {
        state.withLock { state in
            var counts: [ConnectorName: Counts] = [:]
            for (id, running) in state.tasks {
                counts[id.connector, default: Counts()].applied += running.statistics.eventCount
                counts[id.connector]?.tasks += 1
                for partition in running.control.view.partitions {
                    counts[id.connector]?.behind += partition.end.map { max(0, $0 - partition.next) } ?? 0
                }
            }
            for (name, applied) in state.former { counts[name, default: Counts()].applied += applied }
            return counts
        }
    }
}

extension WorkerFile {
    /// A connector's configuration with what the worker gives to it; reads the files of secrets.
    ///
    /// - Throws: `ConfigurationError` with all that is wrong.
    func configuration(
        of name: ConnectorName,
        _ properties: [String: String]
    ) throws(ConfigurationError) -> SinkConfiguration {
        var completed = complete(properties)
        completed["name"] = nil
        return try SinkConfiguration(ConnectorFile(name: name.text, properties: completed))
    }
}
