import ArgumentParser
import Glibc
import Logging
import ServiceLifecycle
import Shared
import UnixSignals

/// `reader guard`.
struct GuardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guard",
        abstract: "Keep capture away from a new leader until the stored offset is right for it.",
        discussion: """
            Runs beside the pipeline. HAProxy's listener for change data capture asks it about each node (GET \
            /capture/NODE); it says yes only for the leader, and only when the leader's timeline is cleared. On a \
            change of timeline it reads the fork from Patroni, the stored offset from Kafka Connect and the slot from \
            the leader; an offset behind the fork goes back to it before capture may go on. It restarts failed tasks, \
            and puts right in the destination what a dead timeline has left there. docs/failover.md explains it.

            HTTP: /capture/NODE, /status, /health, /metrics, and POST /clear/TIMELINE, which accepts a gap.

            SIGINT and SIGTERM end it; the gate is closed then.
            """
    )

    @Option(help: "Source database; user, password and database are taken from it (HANDOVER_SOURCE_URL).")
    var source: String?

    @Option(help: "Kafka's bootstrap servers (HANDOVER_BOOTSTRAP).")
    var bootstrap: String?

    @Option(help: "Patroni's REST interfaces, with commas between them (HANDOVER_PATRONI_URLS).")
    var patroni: String?

    @Option(help: "Kafka Connect's REST interfaces, with commas between them (HANDOVER_CONNECT_URLS).")
    var connect: String?

    @Option(help: "Name of the source connector (HANDOVER_CONNECTOR).")
    var connector: String?

    @Option(help: "File to which every act and refusal is appended (HANDOVER_HISTORY; default: none).")
    var history: String?

    @Option(
        help: ArgumentHelp("Where HAProxy asks, and people.", valueName: "host:port"),
        transform: ListenAddress.option(like: "127.0.0.1:8095")
    )
    var listen: ListenAddress = GuardCommand.defaultAddress

    @Option(
        help: "What becomes of a gap: hold waits for POST /clear/TIMELINE; snapshot reads the tables again."
    )
    var onGap: GuardSettings.OnGap = .hold

    @Option(help: "From one look at the cluster to the next.")
    var poll: Interval = Interval(.milliseconds(500))

    @Option(help: "HAProxy's longest interval between two questions about a node.")
    var checkInterval: Interval = Interval(.seconds(1))

    @Flag(help: "Only say what would be done; nothing is written, and the gate stays closed.")
    var dryRun = false

    @Option(
        help: ArgumentHelp("Log lines as text or as json.", valueName: "format"),
        transform: { text in
            guard let format = LogFormat(rawValue: text) else {
                throw ValidationError("\(text) is not text or json")
            }
            return format
        }
    )
    var logFormat: LogFormat = .text

    @Option(help: .private)
    var dieAfter: GuardSettings.Step?

    private static let defaultAddress: ListenAddress = {
        guard let address = ListenAddress("127.0.0.1:8095") else { preconditionFailure("it is host:port") }
        return address
    }()

    func validate() throws {
        _ = try resolved()
    }

    func run() async throws {
        bootstrapLogging(level: .info, format: logFormat)
        let settings = try resolved()
        let logger = Logger(label: "guard")
        let file = history ?? PipelineOptions.variable("HANDOVER_HISTORY")
        if !dryRun, let file {
            do throws(HistoryError) {
                _ = try HistoryFile(appendingTo: file)
            } catch {
                printProgress("\(error)")
                throw ExitCode(3)
            }
        }
        let board = GuardBoard(isDryRun: dryRun)
        let report = GuardReport(
            connector: settings.connector,
            history: file,
            logger: logger,
            isDryRun: dryRun
        )
        let http = HTTPService(
            listen: listen,
            logger: logger,
            routes: GuardRoutes(board: board, connector: settings.connector).all
        )
        let service = GuardService(settings: settings, board: board, report: report, http: http)
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: http),
                    .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "reader")
            )
        )
        do {
            try await group.run()
        } catch let error as HTTPServiceError {
            printProgress("\(error)")
            throw ExitCode(3)
        }
    }

    private func resolved() throws -> GuardSettings {
        let patroni = try PipelineOptions.requiredList(patroni, "--patroni", "HANDOVER_PATRONI_URLS")
        let connect = try PipelineOptions.requiredList(connect, "--connect", "HANDOVER_CONNECT_URLS")
        return GuardSettings(
            source: try PipelineOptions.connection(source, "--source", "HANDOVER_SOURCE_URL"),
            bootstrap: try PipelineOptions.required(bootstrap, "--bootstrap", "HANDOVER_BOOTSTRAP"),
            patroni: patroni,
            connect: connect,
            connector: try PipelineOptions.required(connector, "--connector", "HANDOVER_CONNECTOR"),
            onGap: onGap,
            isDryRun: dryRun,
            poll: poll.duration,
            checkInterval: checkInterval.duration,
            diesAfter: dieAfter
                ?? PipelineOptions.variable("HANDOVER_GUARD_DIES_AFTER").flatMap(GuardSettings.Step.init)
        )
    }
}

extension GuardSettings.OnGap: ExpressibleByArgument {}
extension GuardSettings.Step: ExpressibleByArgument {}

/// `reader guard` as a service: SIGTERM and SIGINT end it.
private struct GuardService: Service {
    let settings: GuardSettings
    let board: GuardBoard
    let report: GuardReport
    let http: HTTPService

    func run() async {
        guard await http.waitUntilListening() else { return }
        let stop = StopSignal()
        await withGracefulShutdownHandler {
            await withDedicatedThread {
                var loop = GuardLoop(settings: settings, board: board, report: report, stop: stop)
                loop.run()
            }
        } onGracefulShutdown: {
            stop.request()
        }
    }
}
