import ArgumentParser
import Glibc
import Logging
import ServiceLifecycle
import Shared
import UnixSignals

/// `writer run`: writes until its time is over or it is stopped.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Writes, goes on through any failover, and records every attempt.",
        discussion: """
            WORKLOADS
              update    updates of debezium_table, one row a transaction
              outbox    the same, each with its event in the table outbox
              mixed     inserts, updates, deletes and key changes of writer_mixed
              transfer  an amount from one row of writer_transfer to another: the total never changes
              wide      updates of writer_wide, every second one with a large value

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
            "Patroni's REST interfaces, comma separated: for names and elections. (default: $HANDOVER_PATRONI_URLS)",
            valueName: "urls"
        )
    )
    var patroni: String?

    @Option(help: "How many connections write at the same time, each on a thread of its own.")
    var workers = 4

    @Option(help: ArgumentHelp("What to write, see above.", valueName: "workload"))
    var workload = Workload.update

    @Option(help: "Writes a second over all workers, or max.")
    var rate = Rate(100)

    @Option(
        help: """
            What becomes of writes that are due in an outage: queue makes them afterwards, drop gives up those more \
            than a second late.
            """
    )
    var backlog = BacklogPolicy.queue

    @Option(help: "That many rows get nine of ten writes. (default: all rows get as many)")
    var hotKeys: Int?

    @Option(help: "Bytes of a large value of workload wide.")
    var valueSize = 16_000

    @Flag(
        inversion: .prefixedNo,
        help: "BEGIN and the statements go out together; otherwise one by one. COMMIT always waits for them."
    )
    var pipeline = true

    @Option(
        help: ArgumentHelp(
            """
            HAProxy's page of statistics, to tell how long it took to lead to the next leader. \
            (default: $HANDOVER_HAPROXY_STATS)
            """,
            valueName: "url"
        )
    )
    var haproxy: String?

    @Option(help: ArgumentHelp("The proxy there that leads to the leader.", valueName: "name"))
    var haproxyProxy = "leader"

    @Option(
        help: ArgumentHelp(
            "Answer Prometheus there under /metrics, such as 127.0.0.1:8091. (default: nowhere)",
            valueName: "host:port"
        ),
        transform: ListenAddress.option(like: "127.0.0.1:8091")
    )
    var metrics: ListenAddress?

    @Option(help: "The summary as text, or as one JSON object without progress lines.")
    var format = ReportFormat.text

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
        guard source.rows / workers >= workload.minimumRowsPerWorker else {
            throw ValidationError(
                "--rows must be at least twice --workers: a transfer is between two rows of one worker."
            )
        }
        if let hotKeys, !(workers...source.rows).contains(hotKeys) {
            throw ValidationError(
                "--hot-keys must be from --workers to --rows: every worker writes rows of its own."
            )
        }
        guard (20...100_000_000).contains(valueSize) else {
            throw ValidationError("--value-size must be from 20 to 100000000 bytes.")
        }
        if backlog == .drop, rate.writesPerSecond == nil {
            throw ValidationError(
                "--backlog drop needs a --rate: with max, no write is ever due before it begins."
            )
        }
    }

    func run() async throws {
        let urls = (patroni ?? environment("HANDOVER_PATRONI_URLS") ?? "").split(separator: ",")
        let configuration = RunConfiguration(
            source: try source.resolve(),
            workload: workload,
            historyPath: history ?? environment("HANDOVER_HISTORY") ?? "history.ndjson",
            patroniURLs: urls.map { $0.trimmingPrefix { $0 == " " } }.map(String.init),
            workerCount: workers,
            rowCount: source.rows,
            rate: rate.writesPerSecond,
            backlog: backlog,
            hotKeyCount: hotKeys,
            valueSize: valueSize,
            isPipelined: pipeline,
            duration: duration?.duration,
            seed: seed ?? UInt64.random(in: 0..<UInt64(Int64.max)),
            format: format,
            haproxy: (haproxy ?? environment("HANDOVER_HAPROXY_STATS"))
                .map { HAProxySettings(url: $0, proxy: haproxyProxy) }
        )
        // A limit on the size of files is to end the run with its reason, not by a signal.
        signal(SIGXFSZ, SIG_IGN)
        bootstrapLogging(level: .notice)
        let logger = Logger(label: "writer")
        // With metrics, writing begins only once the port is known to be free.
        let board = MetricsBoard()
        let http = metrics.map { HTTPService(listen: $0, logger: logger, routes: board.routes) }
        let service = RunService(configuration, board: board, http: http, logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                // The last ends first: its end can be scraped.
                services: (http.map { [.init(service: $0)] } ?? [])
                    + [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        do {
            try await group.run()
        } catch let error as HTTPServiceError {
            throw WriterError(.stopped, "\(error)").report()
        }
        if let error = service.error { throw error.report() }
    }
}
