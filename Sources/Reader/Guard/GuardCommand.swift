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

    @OptionGroup var capture: CaptureOptions

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

    @OptionGroup var addresses: GuardAddresses

    @OptionGroup var behaviour: GuardBehaviour

    @Option(help: "Log lines as text or as json.", valueName: "format")
    var logFormat: LogFormat = .text

    #if DEBUG
        /// For the campaigns of Tests/forks: the step after which the guard dies.
        @Option(environment: "HANDOVER_GUARD_DIES_AFTER", help: "")
        var dieAfter: GuardSettings.Step?
    #endif

    @OptionGroup(title: "Access to its HTTP interface") var access: ListenOptions

    @OptionGroup var servers: ServerAccess

    package init() {}

    package func run() async throws {
        bootstrapLogging(level: .info, format: logFormat)
        let settings = try settings()
        let logger = Logger(label: "guard")
        let file = history
        if !behaviour.dryRun, let file {
            do throws(HistoryError) {
                _ = try HistoryFile(appendingTo: file)
            } catch {
                printProgress("\(error)")
                throw ExitCode(3)
            }
        }
        let exchange = GuardExchange(isDryRun: behaviour.dryRun)
        let report = GuardReport(
            connector: settings.connector,
            history: file,
            logger: logger,
            isDryRun: behaviour.dryRun
        )
        let routes = GuardRoutes(exchange: exchange, connector: settings.connector)
        let http = HTTPService(
            listen: addresses.listen,
            access: try access.access(),
            logger: logger,
            routes: routes.all
        )
        let gate = addresses.gateListen.map {
            HTTPService(listen: $0, limits: .gate, logger: logger, routes: routes.gate)
        }
        let servers = [http] + (gate.map { [$0] } ?? [])
        let service = GuardService(
            settings: settings,
            exchange: exchange,
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
        let limit = behaviour.repairLimit
        if limit < 0 { throw UsageError("--repair-limit \(limit) is below 0") }
        var settings = GuardSettings(
            source: cluster.source,
            brokers: try kafka.brokers(),
            members: cluster.members,
            patroni: try servers.patroni(cluster.patroni),
            connect: try servers.connect(capture.connect),
            connector: capture.connector,
            table: ControlTable(schema: controlSchema, name: ControlTable.guardName),
            policy: GuardSettings.Policy(
                onGap: behaviour.onGap,
                repairLimit: limit,
                isSlotAdvanceAllowed: behaviour.allowSlotAdvance
            ),
            isDryRun: behaviour.dryRun,
            poll: behaviour.poll,
            checkInterval: behaviour.checkInterval
        )
        #if DEBUG
            settings.diesAfter = dieAfter
        #endif
        return settings
    }
}

/// `reader guard` as a service: SIGTERM and SIGINT end it.
private struct GuardService: Service {
    let settings: GuardSettings
    let exchange: GuardExchange
    let report: GuardReport
    let logger: Logger
    let servers: [HTTPService]

    func run() async {
        for server in servers { guard await server.waitUntilListening() else { return } }
        let stop = StopSignal()
        await withGracefulShutdownHandler {
            let standbys = StandbyWatch(settings: settings, exchange: exchange, logger: logger, stop: stop)
            async let watching: Void = withDedicatedThread { standbys.run() }
            await withDedicatedThread {
                var loop = GuardLoop(settings: settings, exchange: exchange, report: report, stop: stop)
                loop.run()
            }
            await watching
        } onGracefulShutdown: {
            stop.request()
        }
    }
}
