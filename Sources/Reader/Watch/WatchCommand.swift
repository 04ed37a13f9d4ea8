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

    @OptionGroup var pipeline: PipelineOptions

    @OptionGroup var pace: WatchPace

    @Option(environment: "HANDOVER_SLOT", help: "The connector's slot; without it no slot is looked at.")
    var slot: String?

    @Option(
        environment: "HANDOVER_SINK_URLS",
        help: "HTTP interfaces of the sinks, with commas between them; without them nobody is asked."
    )
    var sinks: URLList?

    @OptionGroup var output: WatchForms

    @OptionGroup(title: "Access to its page") var access: ListenOptions

    @OptionGroup(title: "Access to the sinks", prefix: "sinks", environment: "HANDOVER_SINKS_")
    var sinksAccess: AccessOptions

    package init() {}

    package func check(_ problems: inout Problems) {
        problems.unless(
            !output.record || pipeline.history != nil,
            "--record needs --history or HANDOVER_HISTORY"
        )
        problems.unless(
            pace.window >= pace.interval,
            "--window \(pace.window.argument) is shorter than --interval \(pace.interval.argument)"
        )
        problems.unless(!output.live || output.format == .text, "--live and --format json exclude each other")
        problems.unless(
            !output.live || Terminal.isThere,
            "--live needs a terminal; leave it out to get a line an interval"
        )
    }

    package func run() async throws {
        bootstrapLogging(level: .error)
        let settings = try pipeline.settings()
        var file: HistoryFile?
        if output.record, let path = settings.history {
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
                interval: pace.interval.nanoseconds / 1_000,
                window: pace.window.nanoseconds / 1_000,
                samplesPerSecond: pace.samples,
                slotName: slot,
                machine: PipelineStateMachine(lagThreshold: pace.lagging.nanoseconds / 1_000)
            )
        )
        let watch = Watch(
            settings: settings,
            options: .init(
                interval: pace.interval,
                poll: pace.poll,
                scanShare: pace.budget / 100,
                slot: slot,
                sinks: RESTServers(sinks?.urls ?? [], credentials: try sinksAccess.credentials()),
                verdict: output.verdict
            ),
            board: board,
            record: file,
            stop: StopSignal(),
            screen: WatchOutput(form: output.live ? .live : output.format == .json ? .json : .text)
        )
        let logger = Logger(label: "reader")
        let access = try access.access()
        let http = output.listen.map {
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
