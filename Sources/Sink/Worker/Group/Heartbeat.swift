import FoundationEssentials
import JSONText

/// What a worker tells the others every few seconds: that it lives, and how its tasks do.
struct Heartbeat: Codable, Equatable, Sendable {
    /// One task, as the worker that has it sees it.
    struct Task: Codable, Equatable, Sendable {
        var connector: String
        var task: Int
        var state: SinkStatus.State
        /// Why it failed.
        var trace: String?
        /// Topics that it reads, some of them where they are many.
        var topics: [String]

        var id: TaskID { TaskID(connector: ConnectorName(connector), number: task) }
    }

    /// Bytes of a trace that are told: a heartbeat fits into a record, however much fails.
    static let longestTrace = 2_000
    /// Topics that are told of a task.
    static let mostTopics = 20

    /// `host:port` under which the worker is asked.
    var worker: String
    /// Another one each time that the worker starts.
    var incarnation: String
    /// Tasks that the worker runs at most.
    var capacity: Int
    var tasks: [Task]

    init(worker: String, incarnation: String, capacity: Int, tasks: [Task] = []) {
        (self.worker, self.incarnation, self.capacity, self.tasks) = (worker, incarnation, capacity, tasks)
    }

    /// Reads a record of the status topic; `nil` for one that is none of these workers'.
    init?(key: [UInt8], value: [UInt8]) {
        guard let worker = Self.worker(in: key),
            let read = try? JSONDecoder().decode(Heartbeat.self, from: Data(value)),
            read.worker.isSame(as: worker)
        else { return nil }
        self = read
    }

    /// The worker that a record's key names.
    static func worker(in key: [UInt8]) -> String? {
        String(validating: key, as: UTF8.self)?.without(prefix: keyPrefix)
    }

    var key: [UInt8] { Array((Self.keyPrefix + worker).utf8) }

    var value: [UInt8] { (try? jsonText(self)).map { Array($0.utf8) } ?? [] }

    private static let keyPrefix = "worker-"
}
