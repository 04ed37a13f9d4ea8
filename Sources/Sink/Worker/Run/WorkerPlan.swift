/// Which tasks there are to be, and on which workers: decided from the state and the live workers.
struct WorkerPlan: Equatable, Sendable {
    /// A task that a worker is to run.
    struct Wanted: Equatable, Sendable {
        let connector: WorkerState.Connector

        var isPaused: Bool { connector.target == .paused }
    }

    /// The worker of each task.
    let workers: [TaskID: String]
    private let state: WorkerState

    init(_ state: WorkerState, workers: [String]) {
        self.state = state
        self.workers = TaskAssignment.assign(state.tasks, to: workers)
    }

    /// What a worker is to run, and how many of its tasks are more than it may.
    ///
    /// - Parameter capacity: tasks that it runs at most; those in front come first.
    func share(of worker: String, capacity: Int) -> (wanted: [TaskID: Wanted], excess: [TaskID]) {
        let own = workers.filter { $0.value.isSame(as: worker) }.keys.sorted()
        var wanted: [TaskID: Wanted] = [:]
        for task in own.prefix(capacity) {
            wanted[task] = state.connectors[task.connector].map { Wanted(connector: $0) }
        }
        return (wanted, Array(own.dropFirst(capacity)))
    }
}
