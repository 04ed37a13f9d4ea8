import HTTPServer
import History
import Logs
import Model
import Postgres
import Services
import Synchronization
import Telemetry
import Threading

/// `writer run` as a service: SIGTERM and SIGINT drain it.
final class RunService: Service {
    /// How long a run waits at its start for a server that accepts writes.
    static let patience = Duration.seconds(60)

    private let configuration: RunConfiguration
    private let board: MetricsBoard
    private let http: HTTPService?
    private let logger: Logger
    private let stop = StopSignal()
    private let failure = Mutex<WriterError?>(nil)

    init(_ configuration: RunConfiguration, board: MetricsBoard, http: HTTPService?, logger: Logger) {
        (self.configuration, self.logger) = (configuration, logger)
        (self.board, self.http) = (board, http)
    }

    /// Why the run ended otherwise than in order, once it has ended.
    var error: WriterError? { failure.withLock { $0 } }

    func run() async {
        await withGracefulShutdownHandler {
            do throws(WriterError) {
                try await perform()
            } catch {
                failure.withLock { $0 = error }
            }
        } onGracefulShutdown: {
            self.stop.request()
        }
    }

    private func perform() async throws(WriterError) {
        if let http, await !http.waitUntilListening() { return }
        let preparation = try await withDedicatedThread { [self] () throws(WriterError) in try prepare() }
        guard let preparation else { return }
        let load = preparation.load
        let identity = "\(Moment.wallNow())-\(preparation.load.seed)"
        try load.record(
            .run(
                .init(
                    by: "writer",
                    run: identity,
                    workers: configuration.load.workerCount,
                    rows: configuration.load.rowCount,
                    rate: configuration.load.rate ?? 0,
                    workload: configuration.load.workload == .update
                        ? nil : configuration.load.workload.rawValue,
                    seed: Int64(clamping: configuration.load.seed)
                )
            )
        )
        let observer = ClusterObserver(
            patroni: configuration.patroni,
            haproxy: configuration.haproxy,
            report: { [logger] in logger.warning("\($0)") }
        )
        board.show(load, observer)
        // The workers connect meanwhile: otherwise the first writes would look late.
        let start = Moment.monotonicNow() + 200_000_000
        let reporter = ProgressReporter(
            run: load,
            names: observer,
            start: start,
            isQuiet: configuration.format == .json
        )
        let ended = await accompany(load, reporter, start) {
            await self.work(load, rows: preparation.rows, start: start)
        }
        try finish(load, observer, ended, start: start, identity: identity)
    }

    /// Reads what is there: the history, the table and its rows; `nil` when the end was requested meanwhile.
    private func prepare() throws(WriterError) -> (load: LoadRun, rows: [Row])? {
        let (history, largestToken) = try HistoryStart.open(configuration.historyPath)
        let (workload, rowCount) = (configuration.load.workload, configuration.load.rowCount)
        let hint = "writer init\(workload == .update ? "" : " --workload \(workload)")"
        let found = try configuration.source.whenReachable(
            within: Self.patience,
            for: workload,
            stop: stop,
            report: { logger.warning("\($0)") }
        ) { connection throws(PostgresError) -> (defect: String?, contents: SourceTable.Contents?) in
            let table = workload.table
            let columns = try SourceTable.read(
                table.qualifiedName,
                from: connection,
                deadline: .after(.seconds(10))
            )
            if let defect = columns.defect(in: table, hint: hint) { return (defect: defect, contents: nil) }
            let contents = try SourceTable.contents(
                of: table,
                rowCount: rowCount,
                isSparse: workload.deletesRows,
                from: connection,
                deadline: .after(.seconds(60))
            )
            return (defect: nil, contents: contents)
        }
        guard let found else { return nil }
        if let defect = found.defect { throw WriterError(.stopped, defect) }
        guard var contents = found.contents else { return nil }
        if workload.deletesRows {
            // Places without a row are where inserts go.
            let empty = max(0, rowCount - contents.rows.count)
            contents.rows += [Row](repeating: Row(id: -1, value: nil), count: empty)
        } else if let missing = contents.firstMissing(of: rowCount) {
            throw WriterError(
                .stopped,
                "\(workload.table.qualifiedName) has no row \(missing); `\(hint) --rows \(rowCount)` makes it"
            )
        }
        let lastToken = TokenSource.lastUsed(
            inTable: contents.largest,
            inHistory: largestToken,
            wall: Moment.wallNow()
        )
        let tokens = TokenSource(after: lastToken)
        return (LoadRun(configuration, history: history, tokens: tokens, stop: stop), contents.rows)
    }

    /// Runs `body` with the reporter, the clock of `--duration` and the refreshing of names beside it.
    private func accompany<R: Sendable>(
        _ load: LoadRun,
        _ reporter: ProgressReporter,
        _ start: UInt64,
        _ body: @escaping @Sendable () async -> R
    ) async -> R {
        let finished = StopSignal()
        return await withTaskGroup { group in
            group.addTask { await withDedicatedThread { () throws(Never) in reporter.work(until: finished) } }
            group.addTask { await reporter.names.observe(load) }
            group.addTask { await self.limit(from: start) }
            let result = await body()
            finished.request()
            group.cancelAll()
            return result
        }
    }

    private func limit(from start: UInt64) async {
        guard let duration = configuration.duration else { return }
        let now = Moment.monotonicNow()
        let lead = Duration.nanoseconds(Int64(start - min(start, now)))
        if (try? await Task.sleep(for: lead + duration)) != nil { stop.request() }
    }

    /// Runs the workers, each on its thread, to their end.
    private func work(
        _ load: LoadRun,
        rows: [Row],
        start: UInt64
    ) async -> (leftovers: Leftovers, failure: WriterError?) {
        let count = configuration.load.workerCount
        let (rate, backlog) = (configuration.load.rate, configuration.load.backlog)
        return await withTaskGroup { group in
            for id in 0..<count {
                group.addTask { () async -> Result<Leftovers, WriterError> in
                    do throws(WriterError) {
                        let leftovers = try await withDedicatedThread { () throws(WriterError) in
                            let own = stride(from: id, to: rows.count, by: count).map { rows[$0] }
                            let schedule = Schedule(
                                rate: rate,
                                start: start,
                                worker: id,
                                workerCount: count,
                                backlog: backlog
                            )
                            var worker = Worker(id: id, run: load, rows: own, schedule: schedule)
                            return try worker.work()
                        }
                        return .success(leftovers)
                    } catch {
                        return .failure(error)
                    }
                }
            }
            var total: Leftovers?
            var first: WriterError?
            for await result in group {
                switch result {
                case .success(let leftovers): total = total.map { $0 + leftovers } ?? leftovers
                case .failure(let error): first = first ?? error
                }
            }
            return (total ?? Leftovers(end: .now(), openInfoCount: 0, backlogCount: 0), first)
        }
    }

    /// Nanoseconds in which writes were begun: without the draining, where the run had its full time.
    private func length(from start: UInt64, to end: UInt64) -> UInt64 {
        let length = end - min(start, end)
        return min(length, configuration.duration?.nanoseconds ?? length)
    }

    /// Ends the history and prints the summary.
    private func finish(
        _ load: LoadRun,
        _ observer: ClusterObserver,
        _ ended: (leftovers: Leftovers, failure: WriterError?),
        start: UInt64,
        identity: String
    ) throws(WriterError) {
        let account = load.account.withLock { $0 }
        let summary = Summary(
            account: account,
            length: length(from: start, to: ended.leftovers.end.monotonic),
            rate: configuration.load.rate,
            leftovers: ended.leftovers,
            ongoing: account.ongoingOutage(at: ended.leftovers.end),
            historyPath: configuration.historyPath,
            seed: configuration.load.seed,
            places: observer.snapshot()
        )
        switch configuration.format {
        case .text: for line in summary.lines() { printLine(line) }
        case .json: printJSON(summary.json())
        }
        if let failure = ended.failure { throw failure }
        // The line says that every attempt is settled: a run with open ones leaves it out.
        if ended.leftovers.openInfoCount == 0 { try load.record(.end(by: "writer", run: identity)) }
        do throws(HistoryError) {
            try load.history.sync()
        } catch {
            throw WriterError(error)
        }
    }
}
