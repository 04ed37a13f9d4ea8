import Shared

/// `reader watch`: probes on threads of their own, and one line an interval.
struct Watch: Sendable {
    var settings: PipelineSettings
    var interval: Duration
    var poll: Duration
    /// Where to append a line an interval, if anywhere.
    var record: HistoryFile?
    var stop: StopSignal
    var machine = PipelineStateMachine()

    /// Runs until the end is requested, then prints the summary.
    func run() async {
        let board = WatchBoard(start: Moment.monotonicNow())
        await withTaskGroup { group in
            group.addTask { await withDedicatedThread { watchDestination(board) } }
            group.addTask { await withDedicatedThread { watchSource(board) } }
            group.addTask {
                let probe = BrokerProbe(
                    bootstrap: settings.bootstrap,
                    topic: settings.topic,
                    period: interval,
                    board: board,
                    stop: stop
                )
                await withDedicatedThread { probe.run() }
            }
            group.addTask { await watchConnector(board) }
            group.addTask { await withDedicatedThread { report(board) } }
        }
        let (lag, waiting) = board.summary()
        var text = "reader: lag p50 \(lag.percentile(50).asDuration), p99 \(lag.percentile(99).asDuration), "
        text += "max \(lag.maximum.asDuration) over \(lag.count.grouped) writes"
        if waiting > 0 { text += "; \(waiting.grouped) acknowledged writes are not visible" }
        printLine(text)
    }

    private func watchDestination(_ board: WatchBoard) {
        let progress = ProgressReader(sink: settings.sink, topic: settings.topic)
        let fetch = ValueFetch(table: settings.table)
        var tail = openTail()
        let probe = DatabaseProbe(
            part: .destination,
            options: settings.destination,
            period: poll,
            board: board,
            stop: stop
        )
        probe.run { connection throws(PostgresError) in
            // Progress before rows: the rows are at least as far.
            let position = try progress.read(connection)
            let values = try fetch.values(connection)
            let time = Moment.monotonicNow()
            // The writer may begin its history later than this program.
            if tail == nil { tail = openTail() }
            board.note(
                destination: values,
                progress: position,
                acknowledged: acknowledged(&tail, board),
                at: time
            )
        }
    }

    private func openTail() -> HistoryTail? {
        guard let path = settings.history else { return nil }
        do throws(HistoryError) { return try HistoryTail(path) } catch { return nil }
    }

    private func acknowledged(_ tail: inout HistoryTail?, _ board: WatchBoard) -> [Acknowledgement] {
        do throws(HistoryError) {
            return try tail?.newAcknowledgements() ?? []
        } catch {
            board.fail(.history, "\(error)")
            return []
        }
    }

    private func watchSource(_ board: WatchBoard) {
        let fetch = ValueFetch(table: settings.table)
        let hasHistory = settings.history != nil
        var known: [Int64: Int64] = [:]
        let probe = DatabaseProbe(
            part: .source,
            options: settings.source,
            period: hasHistory ? max(poll, .milliseconds(500)) : poll,
            board: board,
            stop: stop
        )
        probe.run { connection throws(PostgresError) in
            let destination = board.destination
            let values = try fetch.values(connection)
            let time = Moment.monotonicNow()
            if !hasHistory {
                // Nobody tells about acknowledgements: a value counts from when it is first seen.
                if !known.isEmpty {
                    let changed = values.filter { known[$0.key] != $0.value }
                    board.note(acknowledged: changed.map { .init(id: $0.key, token: $0.value, time: time) })
                }
                known = values
            }
            board.note(source: values, destination: destination, at: time)
        }
    }

    private func watchConnector(_ board: WatchBoard) async {
        while !stop.isRequested {
            switch await settings.connectorStatus() {
            case nil: return
            case .success(let status):
                board.note(connectorFailure: status.isRunning ? nil : "connector \(status.summary)")
            case .failure(let error): board.note(connectorFailure: "connector not reachable: \(error)")
            }
            let pause = Deadline.after(interval)
            while !stop.isRequested, !pause.hasPassed {
                do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
            }
        }
    }

    private func report(_ board: WatchBoard) {
        var machine = machine
        let (seconds, attoseconds) = interval.components
        let step = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
        var next = Moment.monotonicNow()
        while true {
            next += step
            stop.sleep(until: Deadline(monotonic: next))
            guard !stop.isRequested else { return }
            let now = Moment.now()
            guard let interval = board.takeInterval(at: now.monotonic) else { continue }
            machine.take(interval.seen)
            printLine(interval.line(wall: now.wall, machine.state, machine.reason))
            do throws(HistoryError) {
                try record?.append(HistoryLine(.lag(interval.sample(machine.state)), at: now))
            } catch {
                printProgress("\(error)")
            }
        }
    }
}
