import Access
import Cluster
import FoundationEssentials
import History
import Model
import Threading

/// `reader watch`: probes on threads of their own, and one report an interval.
struct Watch: Sendable {
    struct Options: Sendable {
        var interval: Duration = .seconds(1)
        var poll: Duration = .milliseconds(100)
        /// The share of one core that comparing the tables may cost each of the databases.
        var scanShare = 0.004
        var slot: String?
        var sinks: RESTServers = []
        /// The file of a verdict, if one is to be shown.
        var verdict: String?
    }

    var settings: PipelineSettings
    var options: Options
    var board: WatchBoard
    /// Where to append a line an interval, if anywhere.
    var record: HistoryFile?
    var stop: StopSignal
    var screen: WatchOutput

    /// Runs until the end is requested, then prints the summary.
    func run() async {
        await withTaskGroup { group in
            let destination = DestinationProbe(
                settings: settings,
                poll: options.poll,
                board: board,
                stop: stop
            )
            let source = SourceProbe(
                settings: settings,
                slot: options.slot,
                period: options.interval,
                board: board,
                stop: stop
            )
            let topic = TopicProbe(
                brokers: settings.brokers,
                topic: settings.topic,
                board: board,
                stop: stop
            )
            let scan = ScanProbe(
                settings: settings,
                period: options.interval,
                share: options.scanShare,
                board: board,
                stop: stop
            )
            let cluster = ClusterProbe(
                settings: settings,
                slot: options.slot,
                sinks: options.sinks,
                period: options.interval,
                board: board,
                stop: stop
            )
            group.addTask { await cluster.run() }
            for blocking in [destination.run, source.run, topic.run, scan.run, report] {
                group.addTask { await withDedicatedThread(blocking) }
            }
        }
        screen.end(board)
    }

    private func report() {
        let step = options.interval.nanoseconds
        var next = Moment.monotonicNow()
        screen.begin()
        while true {
            next += step
            stop.sleep(until: Deadline(monotonic: next))
            guard !stop.isRequested else { return }
            let now = Moment.now()
            guard let (document, sample) = board.takeSnapshot(at: now, verdict: verdict()) else { continue }
            screen.show(document)
            do throws(HistoryError) {
                try record?.append(HistoryLine(.lag(sample), at: now))
            } catch {
                printProgress("\(error)")
            }
        }
    }

    /// The first line of the verdict's file, which may be written again at any time.
    private func verdict() -> WatchDocument.Verdict? {
        struct File: Decodable {
            var firstLine: String
        }
        guard let path = options.verdict,
            let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let written = attributes[.modificationDate] as? Date,
            let data = FileManager.default.contents(atPath: path),
            let file = try? JSONDecoder().decode(File.self, from: data)
        else { return nil }
        return .init(firstLine: file.firstLine, wall: Int64(written.timeIntervalSince1970 * 1_000_000))
    }
}
