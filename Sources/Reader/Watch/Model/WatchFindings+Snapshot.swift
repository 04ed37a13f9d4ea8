import Access
import Histogram
import History
import Model
import Tables

/// What follows from all that was found, at the end of an interval.
extension WatchFindings {
    /// Rows may differ for as long as changes need: three times the lag of now, 2 s at least; in nanoseconds.
    private var grace: UInt64 {
        let slowest = max(lag.total.percentile(99), total.percentile(99), windows.endToEnd.all.percentile(99))
        return max(3 * slowest * 1_000, 2_000_000_000)
    }

    /// Ends the interval; `nil` while nothing is known yet.
    ///
    /// A long history takes a while to read before the destination is asked for the first time.
    mutating func takeSnapshot(at now: Moment) -> (snapshot: WatchSnapshot, sample: HistoryLine.LagSample)? {
        guard hasDestination || !failures.isEmpty else { return nil }
        let passed = basis == .history ? lag.takeInterval() : endToEnd
        let places = partitionTable(at: now)
        // The sum of some partitions would be too low.
        let isKnown =
            failures[.broker] == nil && hasDestination && !places.isEmpty
            && places.allSatisfy { $0.behind != nil }
        let records = isKnown ? places.reduce(0) { $0 + ($1.behind ?? 0) } : nil
        let captureAge = captureAge(at: now.monotonic)
        let queueAge = places.compactMap(\.waiting).max()
        let oldest = oldestAge(at: now, captureAge, queueAge)
        windows.endToEnd.add(passed)
        windows.capture.add(capture)
        windows.apply.add(apply)

        let (divergent, maybe) = divergence.counts(grace: grace)
        scan.rows = Dictionary(uniqueKeysWithValues: divergent.map { ($0.key.rawValue, $0.value) })
        scan.maybe = maybe
        let slot = slotNow
        // Not every write is in the history.
        let longest = [oldest, captureAge, queueAge].compactMap { $0 }.max()
        machine.take(observation(at: now, records, longest, captureAge, slot, places))
        let versions = lag.versionsBehind
        if machine.state == .ok, longest == nil, records == 0 { lastWell = now.monotonic }
        let snapshot = WatchSnapshot(
            wall: now.wall,
            interval: interval,
            window: window,
            state: machine.state,
            reason: machine.reason,
            still: stillness(at: now.monotonic),
            endToEnd: .init(
                basis: basis,
                stage: stage(passed, windows.endToEnd, waiting: oldest),
                waitingCount: lag.pendingCount
            ),
            capture: stage(capture, windows.capture, waiting: captureAge),
            queueRecords: records,
            queueAge: queueAge,
            apply: stage(apply, windows.apply, waiting: queueAge),
            sourceBytes: failures[.source] == nil ? bytesAtLook : nil,
            slot: slot,
            versionsBehind: basis == .history ? versions.max() ?? 0 : nil,
            rowsBehind: basis == .history ? versions.count : nil,
            rates: takeRates(at: now.monotonic),
            partitions: places,
            divergence: scan,
            rewoundRows: rewind.rewoundRows.count,
            clocks: [PartError.Part.source, .destination].compactMap { part in
                clocks[part]?.best.map { .init(server: part.rawValue, offset: $0.offset, error: $0.error) }
            },
            leader: leaderNow,
            notReady: notReady,
            parts: parts.sorted { $0.key < $1.key }.flatMap(\.value)
        )
        series.add(snapshot)
        (endToEnd, capture, apply) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        let sample = HistoryLine.LagSample(
            buckets: passed.buckets.map { .init(microseconds: $0.microseconds, count: $0.count) },
            recordsBehind: records,
            divergentRows: snapshot.divergence.total,
            state: snapshot.state.rawValue
        )
        return (snapshot, sample)
    }

    /// The lag of the whole run, and how many followed writes never became visible.
    var summary: (lag: LatencyHistogram, waiting: UInt64) {
        basis == .history ? (lag.total, lag.pendingCount) : (total, 0)
    }

    /// How long a change of the source waits to reach the topic, in microseconds.
    ///
    /// What waited when the source was looked at last still does, if no record came since.
    private func captureAge(at time: UInt64) -> UInt64? {
        if failures[.source] != nil, let lastEvent, lastEvent >= captureWaits.lookedAt { return nil }
        return captureWaits.age(at: time)
    }

    /// For how long nothing came through since all was well; `nil` for less than an interval.
    private func stillness(at time: UInt64) -> UInt64? {
        let since = max(lastProgress, lastWell)
        guard time > since else { return nil }
        let length = (time - since) / 1_000
        return length < interval ? nil : length
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
        if basis == .history { return lag.oldestAge(at: now.monotonic) }
        let unapplied = marks.oldestCommitted.map { UInt64(max(0, now.wall - local($0))) }
        return [unapplied, captureAge, queueAge].compactMap { $0 }.max()
    }

    private mutating func partitionTable(at now: Moment) -> [WatchSnapshot.Partition] {
        let numbers = Set(partitions.keys).union(progress.keys).sorted()
        return numbers.map { number in
            var place = partitions[number] ?? PartitionPlace()
            let next = hasDestination ? progress[number]?.nextOffset ?? 0 : nil
            // The sink may be faster than the tail of the topic.
            let end = place.end.map { max($0, next ?? 0) }
            var row = WatchSnapshot.Partition(partition: number, end: end, next: next)
            row.owner = owners?[number]
            if let next, let end, failures[.broker] == nil { row.behind = end - next }
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
            partitions[number] = place
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
        if let last = progress[partition]?.lastTimestamp { return UInt64(max(0, wall - last * 1_000)) }
        return marks.oldest(partition).map { UInt64(max(0, wall - $0.produced)) }
    }

    private var leaderNow: WatchSnapshot.Leader? {
        if let leader { return leader }
        guard failures[.source] == nil else { return nil }
        return source.map { .init(name: $0.node, timeline: $0.timeline.rawValue) }
    }

    private var slotNow: WatchSnapshot.Slot? {
        guard let slotName, failures[.source] == nil, let source else { return nil }
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
        guard let source, hasDestination, failures[.broker] == nil else { return nil }
        let applied: LSN?
        if partitions.allSatisfy({ $0.value.end ?? 0 <= progress[$0.key]?.nextOffset ?? 0 }) {
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
            slotFailure = "slot \(slot.name) missing on leader \(leaderNow?.name ?? source?.node ?? "?")"
        } else if let slot, slot.walStatus == "lost" {
            slotFailure = "slot \(slot.name) has lost its log (wal_status lost): a new snapshot is needed"
        }
        return Observation(
            time: now.monotonic,
            sourceFailure: failures[.source],
            destinationFailure: failures[.destination],
            brokerFailure: failures[.broker],
            slotFailure: slotFailure,
            connectorFailure: connectorFailure,
            sinkFailure: sinkFailure ?? ownerFailure(places),
            historyFailure: failures[.history],
            recordsBehind: records,
            oldestAge: oldest,
            captureAge: captureAge,
            captureTook: capture.isEmpty ? nil : capture.percentile(50),
            applyTook: apply.isEmpty ? nil : apply.percentile(50),
            captureHint: slot.flatMap { $0.isPresent && !$0.isActive ? "nobody reads slot \($0.name)" : nil },
            lastProgress: lastProgress,
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
        guard owners != nil else { return nil }
        let orphans = places.filter { $0.owner == nil && ($0.still ?? 0) * 1_000 >= machine.stallThreshold }
        guard !orphans.isEmpty else { return nil }
        let list = orphans.map { String($0.partition) }.joined(separator: ", ")
        return "sink has no owner for partition \(list)"
    }

    private mutating func takeRates(at time: UInt64) -> WatchSnapshot.Rates {
        let ends = partitions.compactMapValues(\.end)
        let nexts = progress.mapValues(\.nextOffset)
        defer {
            last = (time, ends, nexts)
            acknowledged = 0
        }
        guard let last, time > last.time else { return WatchSnapshot.Rates() }
        let seconds = Double(time - last.time) / 1_000_000_000
        func rate(_ new: [Int32: Int64], _ old: [Int32: Int64]) -> Double? {
            guard !new.isEmpty else { return nil }
            let count = new.reduce(Int64(0)) { $0 + max(0, $1.value - (old[$1.key] ?? $1.value)) }
            return (Double(count) / seconds * 10).rounded() / 10
        }
        return WatchSnapshot.Rates(
            acknowledged: basis == .history ? (acknowledged / seconds * 10).rounded() / 10 : nil,
            captured: rate(ends, last.ends),
            applied: rate(nexts, last.nexts)
        )
    }
}
