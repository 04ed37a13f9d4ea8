/// Which worker runs which task: a function of the tasks and the live workers alone, so that all workers that know the same
/// decide the same.
///
/// Each task has an order of preference among the workers, by a hash of both, and gets the first that is not full; a worker is
/// full with its even share. So a worker that goes leaves nearly all other tasks where they are. Where two workers know
/// different things for a moment, a task runs twice or not at all for that moment: its partitions are divided by Kafka's
/// group, and the progress is fenced.
enum TaskAssignment {
    /// - Parameters:
    ///   - tasks: each once.
    ///   - workers: each once; the order does not matter.
    /// - Returns: the worker of each task; empty without workers.
    static func assign(_ tasks: [TaskID], to workers: [String]) -> [TaskID: String] {
        guard !workers.isEmpty else { return [:] }
        let workers = workers.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let share = (tasks.count + workers.count - 1) / workers.count
        var counts = [Int](repeating: 0, count: workers.count)
        var countsOfConnector: [ConnectorName: [Int]] = [:]
        var totals: [ConnectorName: Int] = [:]
        for task in tasks { totals[task.connector, default: 0] += 1 }
        var assigned: [TaskID: String] = [:]
        for task in tasks.sorted() {
            let total = totals[task.connector] ?? 1
            // The tasks of a connector are spread as well: one worker's end leaves others of its group.
            let connectorShare = (total + workers.count - 1) / workers.count
            let own = countsOfConnector[task.connector] ?? [Int](repeating: 0, count: workers.count)
            let free = workers.indices.filter { counts[$0] < share }
            let spread = free.filter { own[$0] < connectorShare }
            let candidates = spread.isEmpty ? free : spread
            guard let best = candidates.max(by: { score(task, workers[$0]) < score(task, workers[$1]) })
            else {
                continue
            }
            assigned[task] = workers[best]
            counts[best] += 1
            var counted = own
            counted[best] += 1
            countsOfConnector[task.connector] = counted
        }
        return assigned
    }

    /// The same on every machine and in every version: FNV-1a, and splitmix64's last steps, for similar texts get similar
    /// values without them.
    private static func score(_ task: TaskID, _ worker: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(worker)\0\(task.connector.text)\0\(task.number)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }
}
