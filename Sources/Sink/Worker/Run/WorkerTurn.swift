import Kafka
import Logs
import Model
import Synchronization
import Threading

/// What the worker does all the time: it looks at what is known, has its tasks do what is wanted, and tells how they do.
///
/// One thread runs it.
struct WorkerTurn: ~Copyable {
    private static let pause = Duration.milliseconds(100)
    /// How soon after its first word a worker believes that it has heard all others, who answer at once.
    private static let settling = Duration.seconds(1)

    let configuration: WorkerConfiguration
    let follower: StateFollower
    let tasks: RunningTasks
    let logger: Logger
    private var own: Heartbeat
    private let place: TopicPartition
    private var producer: Producer?
    private var toldAt: UInt64 = 0
    private var heardSince: UInt64?
    /// Who lived when this worker last heard itself.
    private var workers: [String]?
    private var isFailing = false

    init(
        _ configuration: WorkerConfiguration,
        _ own: Heartbeat,
        follower: StateFollower,
        tasks: RunningTasks,
        logger: Logger
    ) {
        (self.configuration, self.follower, self.tasks) = (configuration, follower, tasks)
        (self.own, self.logger) = (own, logger)
        place = TopicPartition(topic: configuration.topics.status.name, partition: 0)
    }

    /// Works until the stop is requested; then ends its tasks in order, and says that it is gone.
    mutating func run(stop: StopSignal) {
        let pause = StopSignal()
        while !stop.isRequested {
            turn(at: Moment.monotonicNow())
            pause.sleep(Self.pause)
        }
        logger.notice("ending the tasks")
        while !tasks.isIdle {
            tasks.reconcile([:], excess: [])
            pause.sleep(Self.pause)
        }
        // So that the others need not wait for the session's end.
        send(nil)
    }

    private mutating func turn(at now: UInt64) {
        let view = follower.view(at: now)
        guard view.isCaughtUp else { return }
        for event in follower.takeEvents() {
            switch event {
            case .restart(let connector, let order): tasks.restart(connector, order)
            case .level(let level): LogLevel.set(level)
            }
        }
        look(at: view, now)
        if let workers {
            let plan = WorkerPlan(view.state, workers: workers)
            let (wanted, excess) = plan.share(of: own.worker, capacity: own.capacity)
            tasks.reconcile(wanted, excess: excess)
        }
        tell(at: now)
    }

    /// Decides who lives.
    ///
    /// A worker that does not hear itself knows nothing of the others: it keeps what it has, and their tasks stay theirs.
    private mutating func look(at view: StateFollower.View, _ now: UInt64) {
        guard view.live.contains(where: { $0.incarnation == own.incarnation }) else {
            heardSince = nil
            return
        }
        let since = heardSince ?? now
        heardSince = since
        guard workers != nil || now - since >= Self.settling.nanoseconds else { return }
        let live = view.live.map(\.worker)
        if let workers, workers != live {
            logger.notice(
                "the group of workers has changed",
                metadata: ["workers": "\(live.joined(separator: ", "))"]
            )
        }
        workers = live
    }

    private mutating func tell(at now: UInt64) {
        let reports = tasks.reports
        let isDue = now - toldAt >= configuration.heartbeat.nanoseconds
        guard follower.takeNewcomer() || isDue || reports != own.tasks else { return }
        own.tasks = reports
        toldAt = now
        send(own.value)
    }

    private mutating func send(_ value: [UInt8]?) {
        do throws(KafkaError) {
            if producer == nil {
                var properties = configuration.producerProperties
                // A word that is late is of no use: the next one says more.
                properties["message.timeout.ms"] = "3000"
                producer = try Producer.open(properties: properties)
            }
            _ = try producer?.send([ProducerRecord(place: place, key: own.key, value: value)])
            isFailing = false
        } catch {
            producer = nil
            if !isFailing {
                logger.warning(
                    "cannot tell the other workers anything; trying again",
                    metadata: ["error": "\(error)"]
                )
            }
            isFailing = true
        }
    }
}

/// The level of this process' log, as it was set last.
enum LogLevel {
    private static let current = Mutex<(level: Logger.Level, format: LogFormat)>((.info, .text))

    static func begin(_ level: Logger.Level, _ format: LogFormat) {
        current.withLock { $0 = (level, format) }
        bootstrapLogging(level: level, format: format)
    }

    static func set(_ level: Logger.Level) {
        current.withLock { current in
            current.level = level
            bootstrapLogging(level: level, format: current.format)
        }
    }

    static var level: Logger.Level { current.withLock { $0.level } }
}
