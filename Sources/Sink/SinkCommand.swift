import Commands
import HTTPServer
import Kafka
import Logs
import Services
import Telemetry

@main
struct SinkCommand: Command {
    static let description = CommandDescription(
        name: "sink",
        abstract: "Carries change events from Kafka into PostgreSQL, each exactly once.",
        subcommands: [
            RunCommand.self, WorkerCommand.self, CheckCommand.self, ExplainCommand.self,
            PropertiesCommand.self,
            ImportCommand.self, ResetCommand.self, MeasureCommand.self,
        ] + OperateCommands.all,
        program: Release.program
    )
}

struct RunCommand: Command {
    static let description = CommandDescription(
        name: "run",
        abstract: "Consumes the topics and applies them until it is asked to end.",
        discussion: """
            FILE is what is POSTed to Kafka Connect for a JDBC sink connector: {"name": …, "config": {…}}, with \
            bootstrap.servers in config beside it. SIGTERM and SIGINT finish the batch in hand and leave the group.

            Exit codes: 0 ended as asked; 1 stopped by an error that waiting does not mend; 64 wrong usage or \
            configuration.
            """
    )

    @Argument(help: "The connector's configuration.", valueName: "file")
    var file: String

    @Option(help: "Least severe messages to log: trace, debug, info, notice, warning, error or critical.")
    var logLevel: Logger.Level = .info

    @OptionGroup var operate: OperateOptions

    func run() async throws {
        let configuration: SinkConfiguration
        do throws(ConfigurationError) {
            configuration = try SinkConfiguration(try ConnectorFile(path: file))
        } catch {
            throw UsageError(error.description)
        }
        bootstrapLogging(level: logLevel, format: operate.logFormat)
        let logger = Logger(label: "sink")
        logger.info(
            "starting",
            metadata: [
                "name": "\(configuration.name)", "topics": "\(configuration.selection)",
                "destination": "\(configuration.destination)", "lanes": "\(configuration.laneCount)",
                "librdkafka": "\(ClientLibrary.loaded)",
            ]
        )
        for note in configuration.notes {
            logger.notice(
                "a property has no effect here",
                metadata: ["property": "\(note.property)", "reason": "\(note.reason)"]
            )
        }
        do throws(KafkaError) {
            try ClientLibrary.loaded.check()
        } catch {
            logger.critical("not started", metadata: ["error": "\(error)"])
            throw ExitCode.failure
        }
        let statistics = LaneStatistics()
        let control = SinkControl(configuration: configuration)
        let http = try operate.service(control, statistics, file: file, logger: logger)
        let service = SinkService(
            configuration: configuration,
            control: control,
            statistics: statistics,
            http: http,
            staysAfterFailure: operate.onFailure == .wait,
            logger: logger
        )
        // In this order: the last ends first, so that the end of the lanes can be watched.
        let group = ServiceGroup(
            (http.map { [.init($0)] } ?? []) + [.init(service, endsGroup: true)],
            // A batch may wait for a lock; after these the process ends, and what it held is applied next time.
            patience: .seconds(90),
            grace: .seconds(5)
        ) { logger.notice("\($0)") }
        do {
            try await group.run()
        } catch let error as SinkError {
            logger.critical("stopped", metadata: ["error": "\(error)", "done": "\(statistics.summary)"])
            throw ExitCode.failure
        } catch let error as HTTPServiceError {
            logger.critical("not started", metadata: ["error": "\(error)"])
            throw ExitCode.failure
        }
        logger.info("ended", metadata: ["done": "\(statistics.summary)"])
    }
}
