package import History
package import Model

/// A history, replayed: every attempt with its outcome, by row, and what was done to the cluster.
package struct Journal: Sendable {
    /// What of a history is kept.
    package enum Scope: Sendable {
        /// The attempts on the table that the pipeline carries; other workloads of the writer have tables of their own.
        case pipeline
        /// The attempts on all tables.
        case allTables
        /// Of all tables those attempts whose outcome is not known yet.
        case unsettled
    }

    /// When its first line was written, in microseconds since 1970; `nil` while it has none.
    package private(set) var begin: Int64?
    /// The attempts on `debezium_table`.
    package private(set) var table: TableJournal
    /// Those on other tables, by name, where these are kept.
    package private(set) var otherTables: [String: TableJournal] = [:]
    package private(set) var faults: [InjectedFault] = []
    package private(set) var lagSamples: [(monotonic: UInt64, sample: HistoryLine.LagSample)] = []
    /// When writes were acknowledged, one array a run of a writer.
    package private(set) var acknowledgements: [[UInt64]] = []
    /// When sessions ended or could not begin.
    package private(set) var disconnects: [UInt64] = []
    /// Timelines of the writers' sessions, in the order in which they were first seen.
    package private(set) var timelines: [Timeline] = []
    package private(set) var connector = ConnectorJournal()
    package private(set) var highestToken: Token = 0
    package var tornLineCount = 0

    private let scope: Scope

    package init(_ scope: Scope = .pipeline) {
        self.scope = scope
        table = TableJournal(keepsSettled: scope != .unsettled)
    }

    package init(_ lines: some Sequence<HistoryLine>, _ scope: Scope = .pipeline) {
        self.init(scope)
        for line in lines { replay(line) }
    }

    /// Attempts of each row of `debezium_table` in the order in which they were invoked.
    package var attempts: [RowID: [Attempt]] { table.attempts }

    /// All tables that have attempts, by name.
    package var tables: [(name: String, journal: TableJournal)] {
        let own = table.attempts.isEmpty ? [] : [(HistoryLine.defaultTable, table)]
        return own + otherTables.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Takes the next line.
    package mutating func replay(_ line: HistoryLine) {
        let now = line.moment.monotonic
        begin = begin ?? line.moment.wall
        switch line.event {
        case .run: acknowledgements.append([])
        case .connect(_, let session): see(session.timeline)
        case .disconnect: disconnects.append(now)
        case .invoke(let attempt, let session): invoke(attempt, on: session, at: line.moment)
        case .ok(let name, _, _):
            acknowledged(at: now)
            end(name, .ok, at: now)
        case .fail(let name, let reason): end(name, .fail, at: now, because: reason)
        case .info(let name, let reason): end(name, .info, at: now, because: reason)
        case .settled(let name, let didHappen, let value, let session):
            see(session.timeline)
            let held = value.map(String.init) ?? "nothing"
            change(name) {
                $0.settlement =
                    "row held \(held) on \(session.node), timeline \(session.timeline)"
                $0.outcome = didHappen ? .settledOk : .settledFail
            }
        case .fault(let fault): take(fault, at: line.moment)
        case .restart(_, _, _, let stored, let timeline):
            connector.restartCount += 1
            connector.marks.append((now, "restarted" + (stored.map { " at \($0)" } ?? "")))
            if let timeline, let stored = stored.flatMap(LSN.init) {
                connector.restartOffsets.append(
                    .init(timeline: timeline, stored: stored, at: line.moment.wall)
                )
            }
        case .rewind(_, let from, let to, _):
            connector.rewinds.append("from \(from) to \(to)")
            connector.marks.append((now, "rewound to \(to)"))
        case .lag(let sample): lagSamples.append((now, sample))
        case .fence(let id, let token, let previous):
            table.fence(Fence(token: token, previous: Token(previous)), at: RowID(id))
            highestToken = max(highestToken, token)
        case .guardAct(let act):
            guard act.action == .snapshot, let from = act.from.flatMap({ LSN($0) }),
                let to = act.to.flatMap({ LSN($0) })
            else { break }
            connector.filledGaps.append(FilledGap(from: from, to: to))
        case .observed, .end, .phantom, .unknown: break
        }
    }

    private mutating func acknowledged(at moment: UInt64) {
        guard scope != .unsettled else { return }
        if acknowledgements.isEmpty { acknowledgements.append([]) }
        acknowledgements[acknowledgements.count - 1].append(moment)
    }

    private mutating func see(_ timeline: Timeline) {
        if !timelines.contains(timeline) { timelines.append(timeline) }
    }

    private mutating func invoke(
        _ attempt: HistoryLine.Attempt,
        on session: HistoryLine.Session,
        at moment: Moment
    ) {
        see(session.timeline)
        guard attempt.table == HistoryLine.defaultTable else {
            guard scope != .pipeline else { return }
            otherTables[attempt.table, default: TableJournal(keepsSettled: scope != .unsettled)]
                .invoke(attempt, on: session, at: moment)
            return
        }
        table.invoke(attempt, on: session, at: moment)
        highestToken = max(highestToken, attempt.name.token)
    }

    // `now` is when the attempt ended; a settlement comes later and says nothing about that.
    private mutating func end(
        _ name: HistoryLine.AttemptName,
        _ outcome: Attempt.Outcome,
        at now: UInt64?,
        because reason: HistoryLine.Unacknowledged? = nil
    ) {
        change(name) {
            $0.outcome = outcome
            if let now { $0.ended = now }
            if let reason {
                let code = reason.sqlState ?? reason.cause ?? "no SQLSTATE"
                $0.failure = "\(code) in \(reason.phase.rawValue): \(reason.reason)"
            }
        }
    }

    private mutating func change(_ name: HistoryLine.AttemptName, _ body: (inout Attempt) -> Void) {
        let row = RowID(name.id)
        // No token names two attempts: the others are asked only where this table does not know it.
        guard !table.change(name.token, at: row, body) else { return }
        for other in otherTables.keys where otherTables[other]?.change(name.token, at: row, body) == true {
            return
        }
    }

    private mutating func take(_ fault: HistoryLine.Fault, at moment: Moment) {
        let now = moment.monotonic
        switch fault.edge {
        case .begin:
            // Stopping the programs that write and judge is how a run ends, not a fault of the pipeline.
            guard fault.target != "writer", fault.target != "reader" else { return }
            faults.append(
                InjectedFault(
                    fault: fault.fault,
                    target: fault.target,
                    leader: fault.leader,
                    timeline: fault.timeline,
                    began: now,
                    ended: nil,
                    beganAt: moment.wall
                )
            )
        case .end:
            let open = faults.lastIndex {
                $0.target == fault.target && $0.fault == fault.fault && $0.ended == nil
            }
            if let open { faults[open].ended = now }
        }
    }
}
