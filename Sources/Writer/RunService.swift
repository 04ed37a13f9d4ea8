import Logging
import ServiceLifecycle
import Shared
import Synchronization

/// `writer run` as a service: SIGTERM and SIGINT drain it.
final class RunService: Service {
    /// How long a run waits at its start for a server that accepts writes.
    static let patience = Duration.seconds(60)

    private let configuration: RunConfiguration
    private let logger: Logger
    private let stop = StopSignal()
    private let failure = Mutex<WriterError?>(nil)

    init(_ configuration: RunConfiguration, logger: Logger) {
        (self.configuration, self.logger) = (configuration, logger)
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
        let preparation = try await withDedicatedThread { [self] () throws(WriterError) in try prepare() }
        guard let preparation else { return }
        let load = preparation.load
        let identity = "\(Moment.wallNow())-\(preparation.load.seed)"
        try load.record(
            .run(
                .init(
                    by: "writer",
                    run: identity,
                    workers: configuration.workerCount,
                    rows: configuration.rowCount,
                    rate: configuration.rate ?? 0
                )
            )
        )
        let names = MemberNames(urls: configuration.patroniURLs)
        // The workers connect meanwhile: otherwise the first writes would look late.
        let start = Moment.monotonicNow() + 200_000_000
        let reporter = ProgressReporter(run: load, names: names, start: start)
        let ended = await accompany(load, reporter, start) {
            await self.work(load, values: preparation.values, start: start)
        }
        try finish(load, reporter, ended, start: start, identity: identity)
    }

    /// Reads what is there: the history, the table and its rows; `nil` when the end was requested meanwhile.
    private func prepare() throws(WriterError) -> (load: LoadRun, values: [Int64])? {
        let (history, largestToken) = try HistoryStart.open(configuration.historyPath)
        let found = try configuration.source.whenReachable(
            within: Self.patience,
            stop: stop,
            report: { logger.warning("\($0)") }
        ) { connection throws(PostgresError) -> (defect: String?, contents: SourceTable.Contents?) in
            let table = try SourceTable.read(from: connection, deadline: .after(.seconds(10)))
            if let defect = table.defect { return (defect: defect, contents: nil) }
            let contents = try SourceTable.contents(
                rowCount: configuration.rowCount,
                from: connection,
                deadline: .after(.seconds(60))
            )
            return (defect: nil, contents: contents)
        }
        guard let found else { return nil }
        if let defect = found.defect { throw WriterError(.stopped, defect) }
        guard let contents = found.contents else { return nil }
        if let missing = contents.firstMissing {
            throw WriterError(
                .stopped,
                "\(SourceTable.name) has no row \(missing); `writer init --rows \(configuration.rowCount)` makes it"
            )
        }
        let lastToken = TokenSource.lastUsed(
            inTable: contents.largest,
            inHistory: largestToken,
            wall: Moment.wallNow()
        )
        let load = LoadRun(
            source: configuration.source,
            history: history,
            tokens: TokenSource(after: lastToken),
            seed: configuration.seed,
            rate: configuration.rate,
            stop: stop
        )
        return (load, contents.values)
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
            group.addTask { await reporter.names.refresh() }
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
        values: [Int64],
        start: UInt64
    ) async -> (leftovers: Leftovers, failure: WriterError?) {
        let count = configuration.workerCount
        let rate = configuration.rate
        return await withTaskGroup { group in
            for id in 0..<count {
                group.addTask { () async -> Result<Leftovers, WriterError> in
                    do throws(WriterError) {
                        let leftovers = try await withDedicatedThread { () throws(WriterError) in
                            let rows = stride(from: id, to: values.count, by: count)
                                .map { Row(id: Int64($0), value: values[$0]) }
                            let schedule = Schedule(rate: rate, start: start, worker: id, workerCount: count)
                            var worker = Worker(id: id, run: load, rows: rows, schedule: schedule)
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
        guard let duration = configuration.duration?.components else { return length }
        return min(
            length,
            UInt64(duration.seconds) * 1_000_000_000 + UInt64(duration.attoseconds / 1_000_000_000)
        )
    }

    /// Ends the history and prints the summary.
    private func finish(
        _ load: LoadRun,
        _ reporter: ProgressReporter,
        _ ended: (leftovers: Leftovers, failure: WriterError?),
        start: UInt64,
        identity: String
    ) throws(WriterError) {
        let account = load.account.withLock { $0 }
        let summary = Summary(
            account: account,
            length: length(from: start, to: ended.leftovers.end.monotonic),
            rate: configuration.rate,
            leftovers: ended.leftovers,
            ongoing: account.ongoingOutage(at: ended.leftovers.end),
            historyPath: configuration.historyPath
        )
        for line in summary.lines(reporter.place) { printLine(line) }
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
