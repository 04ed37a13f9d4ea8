import Commands
import FoundationEssentials
import HTTPServer
import Kafka
import Logs
import Options
import Services
import Telemetry

struct WorkerCommand: Command {
    static let description = CommandDescription(
        name: "worker",
        abstract:
            "Runs the sink connectors that are ordered by Kafka Connect's REST interface, with other workers.",
        discussion: """
            FILE is a worker's properties file such as Kafka Connect's connect-distributed.properties. Connectors and their \
            states are kept in the topic config.storage.topic; workers of one group.id share the connectors' tasks, and each \
            of them answers for all. SIGTERM and SIGINT finish the batches in hand and hand the tasks over.

            Exit codes: 0 ended as asked; 1 the topics or the address cannot be used; 64 wrong usage or configuration.
            """
    )

    @Argument(help: "The worker's properties.", valueName: "file")
    var file: String

    @Option(
        environment: "HANDOVER_WORKER_LISTEN",
        help: "Answer Kafka Connect's REST interface there, instead of where listeners in the file says.",
        details: "Without either it is 127.0.0.1:8083.",
        valueName: "host:port or unix:/path"
    )
    var listen: ListenAddress?

    @Option(
        help: "Tasks that this worker runs at most; each has a thread and a connection to its destination."
    )
    var maxTasks = 64

    @Option(help: "Least severe messages to log: trace, debug, info, notice, warning, error or critical.")
    var logLevel: Logger.Level = .info

    @Option(help: "How log lines look: text for people, json for programs.")
    var logFormat: LogFormat = .text

    @OptionGroup(title: "Access to its HTTP interface") var access: ListenOptions

    func check(_ problems: inout Problems) {
        problems.unless((1...1_000).contains(maxTasks), "--max-tasks is a number from 1 to 1000")
    }

    func run() async throws {
        let configuration: WorkerConfiguration
        do throws(WorkerConfiguration.Failure) {
            configuration = try WorkerConfiguration(path: file)
        } catch {
            throw UsageError(error.description)
        }
        // What somebody wants to be encrypted is not answered in the clear.
        guard listen != nil || !configuration.wantsTLS || access.tlsCertificate != nil else {
            throw UsageError("\(file): listeners says https: give --tls-certificate and --tls-key")
        }
        guard let address = listen ?? configuration.listen ?? ListenAddress("127.0.0.1:8083") else { return }
        LogLevel.begin(logLevel, logFormat)
        let logger = Logger(label: "worker")
        do throws(KafkaError) {
            try ClientLibrary.loaded.check()
        } catch {
            logger.critical("not started", metadata: ["error": "\(error)"])
            throw ExitCode.failure
        }
        let worker = configuration.workerID(listening: address)
        logger.info(
            "starting",
            metadata: [
                "worker": "\(worker)", "group": "\(configuration.groupID)", "tasks": "\(maxTasks)",
                "librdkafka": "\(ClientLibrary.loaded)",
            ]
        )
        for note in configuration.notes {
            logger.notice(
                "a property has no effect here",
                metadata: ["property": "\(note.property)", "reason": "\(note.reason)"]
            )
        }
        let follower = StateFollower(configuration, logger: logger)
        let tasks = RunningTasks(configuration.connectors, capacity: maxTasks, logger: Logger(label: "sink"))
        let desk = OrderDesk(configuration, follower: follower)
        let routes = WorkerRoutes(
            configuration: configuration,
            worker: worker,
            desk: desk,
            follower: follower,
            tasks: tasks,
            logger: logger
        )
        let http = HTTPService(
            listen: address,
            access: try access.access(),
            logger: logger,
            routes: routes.all
        )
        let service = WorkerService(
            configuration: configuration,
            own: Heartbeat(worker: worker, incarnation: UUID().uuidString, capacity: maxTasks),
            desk: desk,
            follower: follower,
            tasks: tasks,
            http: http,
            logger: logger
        )
        // In this order: the last ends first, so that the end of the tasks can be watched.
        let group = ServiceGroup(
            [.init(http), .init(service, endsGroup: true)],
            // A batch may wait for a lock; after these the process ends, and what it held is applied next time.
            patience: .seconds(90),
            grace: .seconds(5)
        ) { logger.notice("\($0)") }
        do {
            try await group.run()
        } catch let error as WorkerError {
            logger.critical("stopped", metadata: ["error": "\(error)"])
            throw ExitCode.failure
        } catch let error as HTTPServiceError {
            logger.critical("not started", metadata: ["error": "\(error)"])
            throw ExitCode.failure
        }
        logger.info("ended")
    }
}
