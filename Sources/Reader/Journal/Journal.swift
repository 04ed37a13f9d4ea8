package import History
package import Model

/// A history, replayed: every attempt with its outcome, by row, and what was done to the cluster.
package struct Journal: Sendable {
    /// When its first line was written, in microseconds since 1970; `nil` while it has none.
    package private(set) var begin: Int64?
    /// Attempts of each row in the order in which they were invoked.
    package private(set) var attempts: [Int64: [Attempt]] = [:]
    /// Markers of earlier and of this verification, by row.
    package private(set) var fences: [Int64: [Fence]] = [:]
    package private(set) var faults: [InjectedFault] = []
    package private(set) var lagSamples: [(monotonic: UInt64, sample: HistoryLine.LagSample)] = []
    /// When writes were acknowledged, one array a run of a writer.
    package private(set) var acknowledgements: [[UInt64]] = []
    /// When sessions ended or could not begin.
    package private(set) var disconnects: [UInt64] = []
    /// Timelines of the writers' sessions, in the order in which they were first seen.
    package private(set) var timelines: [Timeline] = []
    package private(set) var connectorRestartCount = 0
    /// What was done to the connector, in words.
    package private(set) var connectorMarks: [(monotonic: UInt64, text: String)] = []
    /// Where failed connector tasks were started again.
    package private(set) var restartOffsets: [ConnectorStart] = []
    /// Where the connector was moved back to a fork.
    package private(set) var rewinds: [String] = []
    /// What the guard had filled by a snapshot.
    package private(set) var filledGaps: [FilledGap] = []
    package private(set) var highestToken: Int64 = 0
    package var tornLineCount = 0

    private var places: [AttemptKey: Int] = [:]

    private struct AttemptKey: Hashable {
        var id: Int64
        var token: Int64
    }

    package init() {}

    package init(_ lines: some Sequence<HistoryLine>) {
        for line in lines { replay(line) }
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
            if acknowledgements.isEmpty { acknowledgements.append([]) }
            acknowledgements[acknowledgements.count - 1].append(now)
            end(name, .ok, at: now)
        case .fail(let name, let reason): end(name, .fail, at: now, because: reason)
        case .info(let name, let reason): end(name, .info, at: now, because: reason)
        case .settled(let name, let didHappen, let value, let session):
            see(session.timeline)
            end(name, didHappen ? .settledOk : .settledFail, at: nil)
            let held = value.map(String.init) ?? "nothing"
            change(name) {
                $0.settlement =
                    "row held \(held) on \(session.node), timeline \(session.timeline)"
            }
        case .fault(let fault): take(fault, at: line.moment)
        case .restart(_, _, _, let stored, let timeline):
            connectorRestartCount += 1
            connectorMarks.append((now, "restarted" + (stored.map { " at \($0)" } ?? "")))
            if let timeline, let stored = stored.flatMap(LSN.init) {
                restartOffsets.append(.init(timeline: timeline, stored: stored, at: line.moment.wall))
            }
        case .rewind(_, let from, let to, _):
            rewinds.append("from \(from) to \(to)")
            connectorMarks.append((now, "rewound to \(to)"))
        case .lag(let sample): lagSamples.append((now, sample))
        case .fence(let id, let token, let previous):
            fences[id, default: []].append(Fence(token: token.rawValue, previous: previous))
            highestToken = max(highestToken, token.rawValue)
        case .guardAct(let act):
            guard act.action == .snapshot, let from = act.from.flatMap({ LSN($0) }),
                let to = act.to.flatMap({ LSN($0) })
            else { break }
            filledGaps.append(FilledGap(from: from, to: to))
        case .observed, .end, .phantom, .unknown: break
        }
    }

    private mutating func see(_ timeline: Timeline) {
        if !timelines.contains(timeline) { timelines.append(timeline) }
    }

    private mutating func invoke(
        _ attempt: HistoryLine.Attempt,
        on session: HistoryLine.Session,
        at moment: Moment
    ) {
        let timeline = session.timeline
        // Other workloads of the writer have tables of their own; the pipeline's checks are about this one.
        guard attempt.table == HistoryLine.defaultTable else { return see(timeline) }
        let (id, token) = (attempt.name.id, attempt.name.token.rawValue)
        see(timeline)
        places[AttemptKey(id: id, token: token)] = attempts[id]?.count ?? 0
        attempts[id, default: []].append(
            Attempt(
                token: token,
                previous: attempt.previous,
                timeline: timeline,
                invoked: moment.monotonic,
                ended: nil,
                outcome: .open,
                worker: attempt.name.worker,
                node: session.node,
                invokedAt: moment.wall
            )
        )
        highestToken = max(highestToken, token)
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
        guard let place = places[AttemptKey(id: name.id, token: name.token.rawValue)] else { return }
        guard attempts[name.id] != nil else { return }
        body(&attempts[name.id, default: []][place])
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

extension Journal {
    /// How many attempts ended how.
    package struct Counts: Sendable, Equatable {
        package internal(set) var ok = 0
        package internal(set) var fail = 0
        package internal(set) var info = 0
        package internal(set) var settledOk = 0
        package internal(set) var settledFail = 0
        package internal(set) var open = 0

        /// Attempts that the writer was told, or found out, to have happened.
        package var acknowledged: Int { ok + settledOk }
    }

    package var counts: Counts {
        var counts = Counts()
        for attempt in attempts.values.joined() {
            switch attempt.outcome {
            case .ok: counts.ok += 1
            case .fail: counts.fail += 1
            case .info: counts.info += 1
            case .settledOk: counts.settledOk += 1
            case .settledFail: counts.settledFail += 1
            case .open: counts.open += 1
            }
        }
        return counts
    }

    /// Who put `value` into row `id`, as far as the history knows.
    package func origin(of value: Int64, in id: Int64) -> ValueOrigin {
        if let fence = fences[id]?.last(where: { $0.token == value }) { return .fence(fence) }
        guard let row = attempts[id], let first = row.first else { return .unrecorded }
        if let place = places[AttemptKey(id: id, token: value)] { return .attempt(row[place]) }
        // What the first attempt found stood there before this history; 0 is how a row begins.
        if value == 0 || value == first.previous { return .beforeHistory }
        return .foreign
    }
}

/// Where a value comes from.
package enum ValueOrigin: Sendable, Equatable {
    case attempt(Attempt)
    case fence(Fence)
    /// The row held it when the history began.
    case beforeHistory
    /// The history never touched the row: nothing is known about its values.
    case unrecorded
    /// Nobody wrote it.
    case foreign
}
