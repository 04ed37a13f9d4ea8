import Access
import Cluster
package import Commands
import HTTPServer
import History
import Logs
import Model
import Options
import Services
import Threading

/// `reader watch`.
package struct WatchCommand: Command {
    package static let description = CommandDescription(
        name: "watch",
        abstract:
            "Say, once an interval, how far the destination is behind, stage by stage, and whether it is right.",
        discussion: """
            A lag is shown as what passed in the last interval or as the age of the oldest that waits, whichever is \
            worse: while nothing moves, it grows.

            end to end from the moment when a write was acknowledged at the source (as the history says; without \
            one, when it was committed, as the change event says) to the moment when the destination shows its \
            token or a later one of the row. Error: up to one --poll. Of the acknowledged writes, --samples a \
            second are followed.
            capture    from the commit at the source to the record in the topic.
            queue      behind: records in the topic that are not applied (end of each partition, as fetching tells \
            it, less sink_progress.next_offset); and the age of the oldest.
            apply      from the record in the topic to the sink's progress after it.
            bytes      the end of the source's log less the position up to which all is applied; on one timeline.
            slot       log that the source keeps for the slot (restart_lsn).
            versions   acknowledged writes that a row lacks, of the row that lacks most; only with a history.
            clocks     source and destination less this machine, with half of the shortest round trip as the \
            error. Commit times are corrected by it; Kafka Connect's clock is not known.
            divergent  rows that differ for longer than three times the lag's p99, 2 s at least: missing, extra, \
            behind, ahead. maybe: rows that differ for less. The tables are compared part by part by the servers' \
            hashes, within --budget of one core.
            state      OK; LAGGING: a write waits, or what comes through took, longer than --lagging; STALLED: something waits and \
            nothing moves for 5 s, in all or in one partition; STOPPED: a part is away, the slot is missing, the \
            connector or the sink does not run; REWOUND: rows or the progress of the destination went back.

            SIGINT and SIGTERM end it with a summary and exit code 0. Page, metrics and JSON: docs/watch.md.
            """
    )

    enum Format: String, OptionValue, CaseIterable {
        case text, json
    }

    @OptionGroup var pipeline: PipelineOptions

    @Option(help: "From one line to the next.")
    var interval = Duration.seconds(1)

    @Option(help: "From one look at the destination to the next: the error of the lag.")
    var poll = Duration.milliseconds(100)

    @Option(help: "The age of the oldest write from which on the state is LAGGING.")
    var lagging = Duration.seconds(5)

    @Option(help: "How far back the percentiles of page, live screen, JSON and metrics reach.")
    var window = Duration.seconds(60)

    @Option(help: "Acknowledged writes a second that are followed to the destination.", valid: .atLeast(1))
    var samples = 50

    @Option(
        help: "The share of one core of each database that comparing the tables may take, in percent.",
        valid: Valid("more than 0, and 100 at most") { $0 > 0 && $0 <= 100 }
    )
    var budget = 0.4

    @Option(environment: "HANDOVER_SLOT", help: "The connector's slot; without it no slot is looked at.")
    var slot: String?

    @Option(
        environment: "HANDOVER_SINK_URLS",
        help: "HTTP interfaces of the sinks, with commas between them; without them nobody is asked."
    )
    var sinks: URLList?

    @Option(help: "text: a line an interval. json: one object a line.")
    var format = Format.text

    @Flag(help: "Draw over the whole terminal instead of printing lines.")
    var live = false

    @Option(
        environment: "HANDOVER_WATCH_LISTEN",
        help: "Answer HTTP there, such as 127.0.0.1:8096: a page, /watch.json and /metrics.",
        details: "Reading needs no password: keep it on loopback, or put a proxy before it. Off by default.",
        valueName: "host:port or unix:/path"
    )
    var listen: ListenAddress?

    @Option(
        help: "A file that `reader verify --format json` wrote or will write: its first line is shown.",
        valueName: "file"
    )
    var verdict: String?

    @Flag(help: "Append each interval to the history, for the verdict's table.")
    var record = false

    @OptionGroup(title: "Access to its page") var access: ListenOptions

    @OptionGroup(title: "Access to the sinks", prefix: "sinks", environment: "HANDOVER_SINKS_")
    var sinksAccess: AccessOptions

    package init() {}

    package func check(_ problems: inout Problems) {
        problems.unless(
            !record || pipeline.history != nil,
            "--record needs --history or HANDOVER_HISTORY"
        )
        problems.unless(
            window >= interval,
            "--window \(window.argument) is shorter than --interval \(interval.argument)"
        )
        problems.unless(!live || format == .text, "--live and --format json exclude each other")
        problems.unless(
            !live || Terminal.isThere,
            "--live needs a terminal; leave it out to get a line an interval"
        )
    }

    package func run() async throws {
        bootstrapLogging(level: .error)
        let settings = try pipeline.settings()
        var file: HistoryFile?
        if record, let path = settings.history {
            do throws(HistoryError) {
                file = try HistoryFile(appendingTo: path)
            } catch {
                printProgress("\(error)")
                throw ExitCode(3)
            }
        }
        let board = WatchBoard(
            WatchFindings(
                basis: settings.history == nil ? .events : .history,
                start: .now(),
                interval: interval.nanoseconds / 1_000,
                window: window.nanoseconds / 1_000,
                samplesPerSecond: samples,
                slotName: slot,
                machine: PipelineStateMachine(lagThreshold: lagging.nanoseconds / 1_000)
            )
        )
        let watch = Watch(
            settings: settings,
            options: .init(
                interval: interval,
                poll: poll,
                scanShare: budget / 100,
                slot: slot,
                sinks: RESTServers(sinks?.urls ?? [], credentials: try sinksAccess.credentials()),
                verdict: verdict
            ),
            board: board,
            record: file,
            stop: StopSignal(),
            screen: WatchOutput(form: live ? .live : format == .json ? .json : .text)
        )
        let logger = Logger(label: "reader")
        let access = try access.access()
        let http = listen.map {
            HTTPService(listen: $0, access: access, logger: logger, routes: WatchRoutes(board: board).all)
        }
        do {
            try await ServiceGroup(
                (http.map { [.init($0)] } ?? [])
                    + [.init(WatchService(watch: watch, http: http), endsGroup: true)]
            ) { logger.notice("\($0)") }.run()
        } catch let error as HTTPServiceError {
            printProgress("\(error)")
            throw ExitCode(3)
        }
    }
}

/// `reader watch` as a service: SIGTERM and SIGINT end it.
private struct WatchService: Service {
    let watch: Watch
    let http: HTTPService?

    func run() async {
        await withGracefulShutdownHandler {
            // A port that is taken is found out before anything is drawn.
            if let http, !(await http.waitUntilListening()) { return }
            await watch.run()
        } onGracefulShutdown: {
            watch.stop.request()
        }
    }
}
