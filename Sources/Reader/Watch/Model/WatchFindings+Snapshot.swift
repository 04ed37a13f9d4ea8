import Access
import Histogram
import History
import Model
import Tables

/// What follows from all that was found, at the end of an interval.
extension WatchFindings {
    /// Rows may differ for as long as changes need: three times the lag of now, 2 s at least; in nanoseconds.
    private var grace: UInt64 {
        let slowest = max(
            lag.total.percentile(99),
            latencies.total.percentile(99),
            latencies.windows.endToEnd.all.percentile(99)
        )
        return max(3 * slowest * 1_000, 2_000_000_000)
    }

    /// Ends the interval; `nil` while nothing is known yet.
    ///
    /// A long history takes a while to read before the destination is asked for the first time.
    mutating func takeSnapshot(at now: Moment) -> (snapshot: WatchSnapshot, sample: HistoryLine.LagSample)? {
        guard seen.hasDestination || !seen.failures.isEmpty else { return nil }
        let passed = frame.basis == .history ? lag.takeInterval() : latencies.endToEnd
        let places = partitionTable(at: now)
        // The sum of some partitions would be too low.
        let isKnown =
            seen.failures[.broker] == nil && seen.hasDestination && !places.isEmpty
            && places.allSatisfy { $0.behind != nil }
        let records = isKnown ? places.reduce(0) { $0 + ($1.behind ?? 0) } : nil
        let captureAge = captureAge(at: now.monotonic)
        let queueAge = places.compactMap(\.waiting).max()
        let oldest = oldestAge(at: now, captureAge, queueAge)
        latencies.windows.endToEnd.add(passed)
        latencies.windows.capture.add(latencies.capture)
        latencies.windows.apply.add(latencies.apply)

        let (divergent, maybe) = divergence.counts(grace: grace)
        seen.scan.rows = Dictionary(uniqueKeysWithValues: divergent.map { ($0.key.rawValue, $0.value) })
        seen.scan.maybe = maybe
        let slot = slotNow
        // Not every write is in the history.
        let longest = [oldest, captureAge, queueAge].compactMap { $0 }.max()
        machine.take(observation(at: now, records, longest, captureAge, slot, places))
        let versions = lag.versionsBehind
        if machine.state == .ok, longest == nil, records == 0 { seen.lastWell = now.monotonic }
        let snapshot = WatchSnapshot(
            span: .init(wall: now.wall, interval: frame.interval, window: frame.window),
            condition: .init(
                state: machine.state,
                reason: machine.reason,
                still: stillness(at: now.monotonic)
            ),
            stages: .init(
                endToEnd: .init(
                    basis: frame.basis,
                    stage: stage(passed, latencies.windows.endToEnd, waiting: oldest),
                    waitingCount: lag.pendingCount
                ),
                capture: stage(latencies.capture, latencies.windows.capture, waiting: captureAge),
                apply: stage(latencies.apply, latencies.windows.apply, waiting: queueAge)
            ),
            backlog: .init(
                queueRecords: records,
                queueAge: queueAge,
                sourceBytes: seen.failures[.source] == nil ? seen.bytesAtLook : nil,
                versionsBehind: frame.basis == .history ? versions.max() ?? 0 : nil,
                rowsBehind: frame.basis == .history ? versions.count : nil
            ),
            flow: .init(slot: slot, rates: takeRates(at: now.monotonic), partitions: places),
            rows: .init(divergence: seen.scan, rewoundRows: rewind.rewoundRows.count),
            surroundings: .init(
                clocks: [PartError.Part.source, .destination].compactMap { part in
                    seen.clocks[part]?.best.map {
                        .init(server: part.rawValue, offset: $0.offset, error: $0.error)
                    }
                },
                leader: leaderNow,
                notReady: cluster.notReady,
                parts: cluster.parts.sorted { $0.key < $1.key }.flatMap(\.value)
            )
        )
        series.add(snapshot)
        latencies.reset()
        let sample = HistoryLine.LagSample(
            buckets: passed.buckets.map { .init(microseconds: $0.microseconds, count: $0.count) },
            recordsBehind: records,
            divergentRows: snapshot.rows.divergence.total,
            state: snapshot.condition.state.rawValue
        )
        return (snapshot, sample)
    }

    /// The lag of the whole run, and how many followed writes never became visible.
    var summary: (lag: LatencyHistogram, waiting: UInt64) {
        frame.basis == .history ? (lag.total, lag.pendingCount) : (latencies.total, 0)
    }

    /// How long a change of the source waits to reach the topic, in microseconds.
    ///
    /// What waited when the source was looked at last still does, if no record came since.
    private func captureAge(at time: UInt64) -> UInt64? {
        if seen.failures[.source] != nil, let lastEvent = seen.lastEvent, lastEvent >= captureWaits.lookedAt {
            return nil
        }
        return captureWaits.age(at: time)
    }

    /// For how long nothing came through since all was well; `nil` for less than an interval.
    private func stillness(at time: UInt64) -> UInt64? {
        let since = max(seen.lastProgress, seen.lastWell)
        guard time > since else { return nil }
        let length = (time - since) / 1_000
        return length < frame.interval ? nil : length
    }

    private func stage(
        _ interval: LatencyHistogram,
        _ window: LagWindow,
        waiting: UInt64?
    ) -> WatchSnapshot.Stage {
        let all = window.all
        return WatchSnapshot.Stage(
            interval: interval.isEmpty ? nil : .init(interval),
            window: all.isEmpty ? nil : .init(all),
            waiting: waiting
        )
    }

    private func oldestAge(at now: Moment, _ captureAge: UInt64?, _ queueAge: UInt64?) -> UInt64? {
        if frame.basis == .history { return lag.oldestAge(at: now.monotonic) }
        let unapplied = marks.oldestCommitted.map { UInt64(max(0, now.wall - local($0))) }
        return [unapplied, captureAge, queueAge].compactMap { $0 }.max()
    }

    private mutating func partitionTable(at now: Moment) -> [WatchSnapshot.Partition] {
        let numbers = Set(seen.partitions.keys).union(seen.progress.keys).sorted()
        return numbers.map { number in
            var place = seen.partitions[number] ?? PartitionPlace()
            let next = seen.hasDestination ? seen.progress[number]?.nextOffset ?? 0 : nil
            // The sink may be faster than the tail of the topic.
            let end = place.end.map { max($0, next ?? 0) }
            var row = WatchSnapshot.Partition(partition: number, end: end, next: next)
            row.owner = cluster.owners?[number]
            if let next, let end, seen.failures[.broker] == nil { row.behind = end - next }
            if let behind = row.behind, behind > 0 {
                place.busySince = place.busySince ?? now.monotonic
                if let since = place.busySince, now.monotonic > since {
                    row.still = (now.monotonic - since) / 1_000
                }
                // Of a record that nobody has seen: at least as long as it is known to wait.
                row.waiting = queueAge(number, place, next ?? 0, at: now.wall) ?? row.still
            } else {
                place.busySince = nil
            }
            seen.partitions[number] = place
            return row
        }
    }

    /// The age of the oldest record that is not applied, in microseconds.
    private func queueAge(_ partition: Int32, _ place: PartitionPlace, _ next: Int64, at wall: Int64)
        -> UInt64?
    {
        if let start = place.tailStart, start <= next, let mark = marks.oldest(partition) {
            return UInt64(max(0, wall - mark.produced))
        }
        // What waits was not seen: it is at most as old as what was applied last.
        if let last = seen.progress[partition]?.lastTimestamp { return UInt64(max(0, wall - last * 1_000)) }
        return marks.oldest(partition).map { UInt64(max(0, wall - $0.produced)) }
    }

    private var leaderNow: WatchSnapshot.Leader? {
        if let leader = cluster.leader { return leader }
        guard seen.failures[.source] == nil else { return nil }
        return seen.source.map { .init(name: $0.node, timeline: $0.timeline.rawValue) }
    }

    private var slotNow: WatchSnapshot.Slot? {
        guard let slotName = frame.slotName, seen.failures[.source] == nil, let source = seen.source else {
            return nil
        }
        guard let slot = source.slot else {
            return WatchSnapshot.Slot(name: slotName, isPresent: false, isActive: false)
        }
        func distance(_ from: LSN?) -> Int64? {
            from.map { Int64(clamping: source.position.rawValue) - Int64(clamping: $0.rawValue) }
        }
        return WatchSnapshot.Slot(
            name: slotName,
            isPresent: true,
            isActive: slot.isActive,
            walStatus: slot.walStatus,
            retainedBytes: distance(slot.restart),
            unconfirmedBytes: distance(slot.confirmed),
            safeBytes: slot.safeBytes
        )
    }

    /// With nothing in the topic, all that Debezium has confirmed is applied.
    var sourceBytes: Int64? {
        guard let source = seen.source, seen.hasDestination, seen.failures[.broker] == nil else { return nil }
        let applied: LSN?
        if seen.partitions.allSatisfy({ $0.value.end ?? 0 <= seen.progress[$0.key]?.nextOffset ?? 0 }) {
            let newest = marks.newest.flatMap { $0.timeline == source.timeline ? $0.position : nil }
            applied = [newest, source.slot?.confirmed].compactMap { $0 }.max()
        } else {
            applied = marks.oldestPosition(on: source.timeline)
        }
        return applied.map {
            max(0, Int64(clamping: source.position.rawValue) - Int64(clamping: $0.rawValue))
        }
    }

    private func observation(
        at now: Moment,
        _ records: Int64?,
        _ oldest: UInt64?,
        _ captureAge: UInt64?,
        _ slot: WatchSnapshot.Slot?,
        _ places: [WatchSnapshot.Partition]
    ) -> Observation {
        var slotFailure: String?
        if let slot, !slot.isPresent {
            slotFailure = "slot \(slot.name) missing on leader \(leaderNow?.name ?? seen.source?.node ?? "?")"
        } else if let slot, slot.walStatus == "lost" {
            slotFailure = "slot \(slot.name) has lost its log (wal_status lost): a new snapshot is needed"
        }
        return Observation(
            time: now.monotonic,
            failures: .init(
                source: seen.failures[.source],
                destination: seen.failures[.destination],
                broker: seen.failures[.broker],
                slot: slotFailure,
                connector: cluster.connectorFailure,
                sink: cluster.sinkFailure ?? ownerFailure(places),
                history: seen.failures[.history]
            ),
            recordsBehind: records,
            oldestAge: oldest,
            captureAge: captureAge,
            captureTook: latencies.capture.isEmpty ? nil : latencies.capture.percentile(50),
            applyTook: latencies.apply.isEmpty ? nil : latencies.apply.percentile(50),
            captureHint: slot.flatMap { $0.isPresent && !$0.isActive ? "nobody reads slot \($0.name)" : nil },
            lastProgress: seen.lastProgress,
            still: places.compactMap { place in
                guard let behind = place.behind, let still = place.still else { return nil }
                return .init(partition: place.partition, behind: behind, duration: still * 1_000)
            },
            rewoundRowCount: rewind.rewoundRows.count,
            rewoundPartitions: rewind.rewoundPartitions.sorted()
        )
    }

    /// A rebalance takes seconds, so a partition that nobody has counts when it stands still, too.
    private func ownerFailure(_ places: [WatchSnapshot.Partition]) -> String? {
        guard cluster.owners != nil else { return nil }
        let orphans = places.filter { $0.owner == nil && ($0.still ?? 0) * 1_000 >= machine.stallThreshold }
        guard !orphans.isEmpty else { return nil }
        let list = orphans.map { String($0.partition) }.joined(separator: ", ")
        return "sink has no owner for partition \(list)"
    }

    private mutating func takeRates(at time: UInt64) -> WatchSnapshot.Rates {
        let ends = seen.partitions.compactMapValues(\.end)
        let nexts = seen.progress.mapValues(\.nextOffset)
        defer {
            rate.last = (time, ends, nexts)
            rate.acknowledged = 0
        }
        guard let last = rate.last, time > last.time else { return WatchSnapshot.Rates() }
        let seconds = Double(time - last.time) / 1_000_000_000
        func perSecond(_ new: [Int32: Int64], _ old: [Int32: Int64]) -> Double? {
            guard !new.isEmpty else { return nil }
            let count = new.reduce(Int64(0)) { $0 + max(0, $1.value - (old[$1.key] ?? $1.value)) }
            return (Double(count) / seconds * 10).rounded() / 10
        }
        return WatchSnapshot.Rates(
            acknowledged: frame.basis == .history ? (rate.acknowledged / seconds * 10).rounded() / 10 : nil,
            captured: perSecond(ends, last.ends),
            applied: perSecond(nexts, last.nexts)
        )
    }
}
