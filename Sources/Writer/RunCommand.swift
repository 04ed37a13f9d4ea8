import ArgumentParser
import Logging
import ServiceLifecycle
import Shared
import UnixSignals

/// `writer run`: writes until its time is over or it is stopped.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Updates the rows, goes on through any failover, and records every attempt.",
        discussion: """
            Prints one line a second and a summary. SIGTERM and SIGINT finish the writes in hand, settle those of
            unknown outcome, and print the summary. See `writer --help` for the exit codes.
            """
    )

    @OptionGroup var source: SourceArguments

    @Option(
        help: "The file to which every attempt is appended. (default: $HANDOVER_HISTORY, else history.ndjson)"
    )
    var history: String?

    @Option(
        help: ArgumentHelp(
            "Patroni's REST interfaces, comma separated; only for the members' names. (default: $HANDOVER_PATRONI_URLS)",
            valueName: "urls"
        )
    )
    var patroni: String?

    @Option(help: "How many connections write at the same time, each on a thread of its own.")
    var workers = 4

    @Option(help: "Writes a second over all workers, or max.")
    var rate = Rate(100)

    @Option(help: "How long to write, such as 30s or 5m. (default: until stopped)")
    var duration: TimeSpan?

    @Option(help: "Makes the choice of rows repeatable. (default: random)")
    var seed: UInt64?

    func validate() throws {
        guard (1...1_000).contains(workers) else {
            throw ValidationError("--workers must be from 1 to 1000.")
        }
        guard source.rows >= workers else {
            throw ValidationError("--rows must be at least --workers: every worker writes rows of its own.")
        }
    }

    func run() async throws {
        let urls = (patroni ?? environment("HANDOVER_PATRONI_URLS") ?? "").split(separator: ",")
        let configuration = RunConfiguration(
            source: try source.resolve(),
            historyPath: history ?? environment("HANDOVER_HISTORY") ?? "history.ndjson",
            patroniURLs: urls.map { $0.trimmingPrefix { $0 == " " } }.map(String.init),
            workerCount: workers,
            rowCount: source.rows,
            rate: rate.writesPerSecond,
            duration: duration?.duration,
            seed: seed ?? UInt64.random(in: 0..<UInt64(Int64.max))
        )
        bootstrapLogging(level: .notice)
        let logger = Logger(label: "writer")
        let service = RunService(configuration, logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
        if let error = service.error { throw error.report() }
    }
}
