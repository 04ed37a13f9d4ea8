import Access
package import Commands
import HTTPServer
import History
import Logs
import Options
import Postgres
import Services
import Threading

/// `reader guard`.
package struct GuardCommand: Command {
    package static let description = CommandDescription(
        name: "guard",
        abstract: "Keep capture away from a new leader until the stored offset is right for it.",
        discussion: """
            Runs beside the pipeline. HAProxy's listener for change data capture asks it about each node (GET \
            /capture/NODE); it says yes only for the leader, and only when the leader's timeline is cleared. On a \
            change of timeline it reads the fork from Patroni, the stored offset from Kafka Connect and the slot from \
            the leader; an offset after the fork goes back to it before capture may go on. It restarts failed tasks, \
            and puts right in the destination what a dead timeline has left there. docs/failover.md explains it.

            HTTP: /capture/NODE, /status, /health, /metrics, POST /clear/TIMELINE, which accepts a gap, and POST \
            /repair/TIMELINE, which looks for what a timeline has left that ended before the guard came.

            SIGINT and SIGTERM end it; the gate is closed then.
            """,
        subcommands: [ReadyCommand.self],
        runsAlone: true
    )

    @OptionGroup var cluster: ClusterOptions

    @OptionGroup var kafka: KafkaOptions

    @Option(
        environment: "HANDOVER_CONNECT_URLS",
        help: "Kafka Connect's REST interfaces, with commas between them."
    )
    var connect: URLList

    @Option(environment: "HANDOVER_CONNECTOR", help: "Name of the source connector.")
    var connector: String

    @Option(
        environment: "HANDOVER_HISTORY",
        help: "File to which every act and refusal is appended.",
        valueName: "file",
        absence: "none"
    )
    var history: String?

    @Option(
        help: "The schema of the guard's own table in the source database.",
        valueName: "schema"
    )
    var controlSchema = ControlTable.defaultSchema

    @Option(
        environment: "HANDOVER_GUARD_LISTEN",
        help: "Where people ask, and HAProxy where there is no --gate-listen.",
        valueName: "host:port or unix:/path"
    )
    var listen: ListenAddress = GuardCommand.defaultAddress

    @Option(
        environment: "HANDOVER_GUARD_GATE_LISTEN",
        help: "A listener of its own for HAProxy's checks, which answers /capture/NODE and nothing else.",
        details: "What holds up --listen does not hold up the gate then.",
        valueName: "host:port or unix:/path"
    )
    var gateListen: ListenAddress?

    @Option(
        environment: "HANDOVER_GUARD_ON_GAP",
        help: "What becomes of a gap: hold waits for POST /clear/TIMELINE; snapshot reads the tables again."
    )
    var onGap: GuardSettings.OnGap = .hold

    @Option(help: "From one look at the cluster to the next.")
    var poll = Duration.milliseconds(500)

    @Option(help: "HAProxy's longest interval between two questions about a node.")
    var checkInterval = Duration.seconds(1)

    @Option(
        help:
            "How many rows are written again after a fork, for what a dead timeline has left; 0 writes none.",
        valueName: "rows"
    )
    var repairLimit = GuardSettings.defaultRepairLimit

    @Flag(
        help: "Also guard a connector that moves its slot forward to its offset by itself.",
        details: """
            Debezium does so with offset.mismatch.strategy=trust_offset or trust_greater_lsn: after a failover that \
            loses changes for good, which the guard can't prevent.
            """
    )
    var allowSlotAdvance = false

    @Flag(help: "Only say what would be done; nothing is written, and the gate stays closed.")
    var dryRun = false

    @Option(help: "Log lines as text or as json.", valueName: "format")
    var logFormat: LogFormat = .text

    #if DEBUG
        /// For the campaigns of Tests/forks: the step after which the guard dies.
        @Option(environment: "HANDOVER_GUARD_DIES_AFTER", help: "")
        var dieAfter: GuardSettings.Step?
    #endif

    @OptionGroup(title: "Access to its HTTP interface") var access: ListenOptions

    @OptionGroup var servers: ServerAccess

    private static let defaultAddress: ListenAddress = {
        guard let address = ListenAddress("127.0.0.1:8095") else { preconditionFailure("it is host:port") }
        return address
    }()

    package init() {}

    package func run() async throws {
        bootstrapLogging(level: .info, format: logFormat)
        let settings = try settings()
        let logger = Logger(label: "guard")
        let file = history
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
        let routes = GuardRoutes(board: board, connector: settings.connector)
        let http = HTTPService(
            listen: listen,
            access: try access.access(),
            logger: logger,
            routes: routes.all
        )
        let gate = gateListen.map {
            HTTPService(listen: $0, limits: .gate, logger: logger, routes: routes.gate)
        }
        let servers = [http] + (gate.map { [$0] } ?? [])
        let service = GuardService(
            settings: settings,
            board: board,
            report: report,
            logger: logger,
            servers: servers
        )
        do {
            try await ServiceGroup(
                servers.map { .init($0) } + [.init(service, endsGroup: true)]
            ) { logger.notice("\($0)") }.run()
        } catch let error as HTTPServiceError {
            printProgress("\(error)")
            throw ExitCode(3)
        }
    }

    private func settings() throws -> GuardSettings {
        if repairLimit < 0 { throw UsageError("--repair-limit \(repairLimit) is below 0") }
        var settings = GuardSettings(
            source: cluster.source,
            brokers: try kafka.brokers(),
            members: cluster.members,
            patroni: try servers.patroni(cluster.patroni),
            connect: try servers.connect(connect),
            connector: connector,
            table: ControlTable(schema: controlSchema, name: ControlTable.guardName),
            policy: GuardSettings.Policy(
                onGap: onGap,
                repairLimit: repairLimit,
                isSlotAdvanceAllowed: allowSlotAdvance
            ),
            isDryRun: dryRun,
            poll: poll,
            checkInterval: checkInterval
        )
        #if DEBUG
            settings.diesAfter = dieAfter
        #endif
        return settings
    }
}

extension GuardSettings.OnGap: OptionValue {}
#if DEBUG
    extension GuardSettings.Step: OptionValue {}
#endif

/// `reader guard` as a service: SIGTERM and SIGINT end it.
private struct GuardService: Service {
    let settings: GuardSettings
    let board: GuardBoard
    let report: GuardReport
    let logger: Logger
    let servers: [HTTPService]

    func run() async {
        for server in servers { guard await server.waitUntilListening() else { return } }
        let stop = StopSignal()
        await withGracefulShutdownHandler {
            let standbys = StandbyWatch(settings: settings, board: board, logger: logger, stop: stop)
            async let watching: Void = withDedicatedThread { standbys.run() }
            await withDedicatedThread {
                var loop = GuardLoop(settings: settings, board: board, report: report, stop: stop)
                loop.run()
            }
            await watching
        } onGracefulShutdown: {
            stop.request()
        }
    }
}
