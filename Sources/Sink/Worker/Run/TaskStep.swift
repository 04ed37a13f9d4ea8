/// What is done next about one task: decided from what is wanted and what runs.
enum TaskStep: Equatable {
    case nothing
    case start
    /// Asks it to finish its batch and end; a task that has ended is not asked.
    case stop
    /// It has ended, and its place is free.
    case forget
    case order(pause: Bool)

    /// A task that this worker has.
    struct Running: Equatable {
        /// That of the properties with which it was started.
        let revision: Int64
        let hasEnded: Bool
        /// Whether it was asked to end: what is wanted may have changed back since.
        let isStopping: Bool
        /// Whether an order wants it to begin anew.
        let isRestarting: Bool
    }

    init(_ wanted: WorkerPlan.Wanted?, _ running: Running?) {
        switch (wanted, running) {
        case (nil, nil): self = .nothing
        case (_?, nil): self = .start
        case (nil, let running?): self = running.hasEnded ? .forget : .stop
        case (let wanted?, let running?):
            // One that failed stays as it is until it is ordered to begin anew, or gets other properties.
            let isOver = running.isStopping || running.isRestarting
            if isOver || running.revision != wanted.connector.revision {
                self = running.hasEnded ? .forget : .stop
            } else {
                self = running.hasEnded ? .nothing : .order(pause: wanted.isPaused)
            }
        }
    }
}
