import Cluster
import Commands
import Glibc
import HTTPServer
import Logs
import Options
import Services

/// `writer run`: writes until its time is over or it is stopped.
struct RunCommand: Command {
    static let description = CommandDescription(
        name: "run",
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
        environment: "HANDOVER_HISTORY",
        help: "The file to which every attempt is appended.",
        valueName: "file"
    )
    var history = "history.ndjson"

    @Option(
        environment: "HANDOVER_PATRONI_URLS",
        help: "Patroni's REST interfaces, comma separated: for names and elections.",
        valueName: "urls"
    )
    var patroni: URLList?

    @OptionGroup var load: LoadOptions

    @OptionGroup var proxy: ProxyOptions

    @Option(
        help: "Answer Prometheus there under /metrics, such as 127.0.0.1:8091.",
        valueName: "host:port",
        absence: "nowhere"
    )
    var metrics: ListenAddress?

    @Option(help: "The summary as text, or as one JSON object without progress lines.")
    var format = ReportFormat.text

    @Option(help: "How long to write, such as 30s or 5m.", absence: "until stopped")
    var duration: Duration?

    @Option(help: "Makes the choice of rows repeatable.", absence: "random")
    var seed: UInt64?

    @OptionGroup(title: "Access to its metrics") var listen: ListenOptions

    @OptionGroup(title: "Access to Patroni", prefix: "patroni", environment: "HANDOVER_PATRONI_")
    var patroniAccess: AccessOptions

    @OptionGroup(title: "Access to HAProxy", prefix: "haproxy", environment: "HANDOVER_HAPROXY_")
    var haproxyAccess: AccessOptions

    func check(_ problems: inout Problems) {
        problems.unless(
            source.rows >= load.workers,
            "--rows must be at least --workers: every worker writes rows of its own."
        )
        problems.unless(
            source.rows < load.workers || source.rows / load.workers >= load.workload.minimumRowsPerWorker,
            "--rows must be at least twice --workers: a transfer is between two rows of one worker."
        )
        if let hotKeys = load.hotKeys {
            problems.unless(
                hotKeys >= load.workers && hotKeys <= source.rows,
                "--hot-keys must be from --workers to --rows: every worker writes rows of its own."
            )
        }
        problems.unless(
            load.backlog == .queue || load.rate.writesPerSecond != nil,
            "--backlog drop needs a --rate: with max, no write is ever due before it begins."
        )
    }

    func run() async throws {
        let configuration = RunConfiguration(
            source: source.database,
            load: RunConfiguration.Load(
                workload: load.workload,
                workerCount: load.workers,
                rowCount: source.rows,
                rate: load.rate.writesPerSecond,
                backlog: load.backlog,
                hotKeyCount: load.hotKeys,
                valueSize: load.valueSize,
                isPipelined: load.pipeline,
                seed: seed ?? UInt64.random(in: 0..<UInt64(Int64.max))
            ),
            historyPath: history,
            patroni: RESTServers(patroni?.urls ?? [], credentials: try patroniAccess.credentials()),
            haproxy: try proxy.haproxy.map {
                HAProxySettings(
                    url: $0.url,
                    credentials: try haproxyAccess.credentials(),
                    proxy: proxy.haproxyProxy
                )
            },
            duration: duration,
            format: format
        )
        // A limit on the size of files is to end the run with its reason, not by a signal.
        signal(SIGXFSZ, SIG_IGN)
        bootstrapLogging(level: .notice)
        let logger = Logger(label: "writer")
        // With metrics, writing begins only once the port is known to be free.
        let board = MetricsBoard()
        let access = try listen.access()
        let http = metrics.map {
            HTTPService(listen: $0, access: access, logger: logger, routes: board.routes)
        }
        let service = RunService(configuration, board: board, http: http, logger: logger)
        do {
            // The last ends first: its end can be scraped.
            try await ServiceGroup((http.map { [.init($0)] } ?? []) + [.init(service, endsGroup: true)]) {
                logger.notice("\($0)")
            }.run()
        } catch let error as HTTPServiceError {
            throw WriterError(.stopped, "\(error)").report()
        }
        if let error = service.error { throw error.report() }
    }
}
