import ArgumentParser
import Logging
import ServiceLifecycle
import Shared
import UnixSignals

/// `reader watch`.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print, once an interval, how far the destination is behind and whether it is right.",
        discussion: """
            lag        end to end: from the moment when a write was acknowledged at the source (as the \
            history says; without a history: when it was first seen there) to the moment when the \
            destination shows its token or a later one of the row. Error: up to one poll. While nothing \
            becomes visible, the ages of the writes that wait are shown, so the numbers grow; max is never \
            less than the age of the oldest.
            behind     records in the topic that the sink has not applied (end of each partition less \
            sink_progress.next_offset).
            divergent  rows that differ for longer than three times the lag's p99, 2 s at least: missing, \
            extra, behind, ahead. maybe: rows that differ for less.
            state      OK; LAGGING: a write waits for longer than --lagging; STALLED: something waits and \
            nothing moves for 5 s; STOPPED: a part is away or the connector does not run; REWOUND: rows of \
            the destination went back.

            SIGINT and SIGTERM end it with a summary and exit code 0.
            """
    )

    @OptionGroup var pipeline: PipelineOptions

    @Option(help: "From one line to the next.")
    var interval: Interval = Interval(.seconds(1))

    @Option(help: "From one look at the destination to the next: the error of the lag.")
    var poll: Interval = Interval(.milliseconds(100))

    @Option(help: "The age of the oldest write from which on the state is LAGGING.")
    var lagging: Interval = Interval(.seconds(5))

    @Flag(help: "Append each interval to the history, for the verdict's table.")
    var record = false

    func validate() throws {
        let settings = try pipeline.resolved()
        if record && settings.history == nil {
            throw ValidationError("--record needs --history or HANDOVER_HISTORY")
        }
    }

    func run() async throws {
        bootstrapLogging(level: .error)
        let settings = try pipeline.resolved()
        var file: HistoryFile?
        if record, let path = settings.history {
            do throws(HistoryError) {
                file = try HistoryFile(appendingTo: path)
            } catch {
                printProgress("\(error)")
                throw ExitCode(3)
            }
        }
        let watch = Watch(
            settings: settings,
            interval: interval.duration,
            poll: poll.duration,
            record: file,
            stop: StopSignal(),
            machine: PipelineStateMachine(lagThreshold: lagging.nanoseconds / 1_000)
        )
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: WatchService(watch: watch),
                        successTerminationBehavior: .gracefullyShutdownGroup
                    )
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "reader")
            )
        )
        try await group.run()
    }
}

/// `reader watch` as a service: SIGTERM and SIGINT end it.
private struct WatchService: Service {
    let watch: Watch

    func run() async {
        await withGracefulShutdownHandler {
            await watch.run()
        } onGracefulShutdown: {
            watch.stop.request()
        }
    }
}
