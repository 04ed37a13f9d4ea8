import Access
import Histogram
import Model
import Tables

/// All that the probes have found, and what follows from it: plain data, no clock and no I/O of its own.
struct WatchFindings: Sendable {
    struct PartitionPlace: Sendable {
        var end: Int64?
        /// Where the tail of the topic began to be read.
        var tailStart: Int64?
        /// When something was applied last, or began to wait after an idle time; monotonic nanoseconds.
        var busySince: UInt64?
        /// When which offset was first seen to be applied, in microseconds since 1970: the sink may be faster
        /// than the tail of the topic.
        var passes: [(next: Int64, wall: Int64)] = []
    }

    private static let passesKept = 64

    /// What was asked for.
    struct Frame: Sendable {
        var basis: WatchSnapshot.EndToEnd.Basis
        var start: Moment
        /// How long one interval and the window are, in microseconds.
        var interval: UInt64
        var window: UInt64
        var slotName: String?
    }

    /// What source, topic and destination have shown; moments in monotonic nanoseconds.
    struct Seen: Sendable {
        var progress: [Int32: SinkProgress] = [:]
        var hasDestination = false
        var partitions: [Int32: PartitionPlace] = [:]
        var failures: [PartError.Part: String] = [:]
        var source: SourceLook?
        /// As it was when the source was looked at: both positions must be of one moment.
        var bytesAtLook: Int64?
        var clocks: [PartError.Part: ClockSkew] = [:]
        var scan = WatchSnapshot.Divergence(rows: [:], maybe: 0)
        var lastProgress: UInt64
        /// When a record of the topic came last.
        var lastEvent: UInt64?
        /// When all ran last and nothing waited.
        var lastWell: UInt64
    }

    /// What Patroni, Kafka Connect and the sinks say.
    struct Cluster: Sendable {
        var connectorFailure: String?
        var sinkFailure: String?
        var owners: [Int32: String]?
        /// Standbys that a switchover should wait for, as `name:seconds`; `nil` where nobody could be asked.
        var notReady: [String]?
        var parts: [String: [WatchSnapshot.ConnectorPart]] = [:]
        /// The outer `nil` where Patroni is not asked.
        var leader: WatchSnapshot.Leader??
    }

    /// What passed each stage: in this interval, in the window, and in all.
    struct Latencies: Sendable {
        var endToEnd = LatencyHistogram()
        var capture = LatencyHistogram()
        var apply = LatencyHistogram()
        var total = LatencyHistogram()
        var windows: (endToEnd: LagWindow, capture: LagWindow, apply: LagWindow)

        init(window: LagWindow) {
            windows = (window, window, window)
        }

        /// Ends the interval.
        mutating func reset() {
            (endToEnd, capture, apply) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        }
    }

    /// What is needed to tell how much flows.
    struct Rate: Sendable {
        var acknowledged: Double = 0
        var last: (time: UInt64, ends: [Int32: Int64], nexts: [Int32: Int64])?
    }

    let frame: Frame
    var lag: LagTracker
    var marks = TopicMarks()
    var captureWaits = CaptureTracker()
    var divergence = DivergenceTracker()
    var rewind = RewindTracker()
    var machine: PipelineStateMachine
    var series = WatchSeries()
    var seen: Seen
    var cluster = Cluster()
    var latencies: Latencies
    var rate = Rate()

    init(
        basis: WatchSnapshot.EndToEnd.Basis,
        start: Moment,
        interval: UInt64 = 1_000_000,
        window: UInt64 = 60_000_000,
        samplesPerSecond: Int = .max,
        slotName: String? = nil,
        machine: PipelineStateMachine = PipelineStateMachine()
    ) {
        frame = Frame(basis: basis, start: start, interval: interval, window: window, slotName: slotName)
        self.machine = machine
        lag = LagTracker(start: start.monotonic, samplesPerSecond: samplesPerSecond)
        seen = Seen(lastProgress: start.monotonic, lastWell: start.monotonic)
        latencies = Latencies(window: LagWindow(length: Int(window / max(1, interval))))
    }

    // MARK: What the probes tell

    /// These writes had been acknowledged, and these rows been given up.
    mutating func take(_ writes: [Acknowledgement], gone: [Int64] = []) {
        for write in writes { lag.take(write) }
        for id in gone {
            lag.forget(id)
            rewind.forget(id)
        }
        rate.acknowledged += Double(writes.count)
    }

    /// The destination answered: its progress, and what the rows that were asked for hold.
    mutating func take(progress new: [Int32: SinkProgress], values: [Int64: Int64], at now: Moment) {
        seen.failures[.destination] = nil
        if lag.see(values, at: now.monotonic) { seen.lastProgress = now.monotonic }
        if new != seen.progress {
            seen.lastProgress = now.monotonic
            for (partition, place) in new where place.nextOffset != seen.progress[partition]?.nextOffset {
                takeApplied(partition, before: place.nextOffset, at: now)
            }
        }
        rewind.see(values)
        rewind.see(progress: new)
        seen.progress = new
        seen.hasDestination = true
    }

    private mutating func takeApplied(_ partition: Int32, before next: Int64, at now: Moment) {
        var place = seen.partitions[partition] ?? PartitionPlace()
        // Nobody knows when that was applied which is so at the first look.
        let isFirst = place.passes.isEmpty
        place.busySince = now.monotonic
        place.passes.append((next, now.wall))
        if place.passes.count > Self.passesKept { place.passes.removeFirst() }
        seen.partitions[partition] = place
        for mark in marks.takeApplied(partition, before: next) where !isFirst {
            record(mark, appliedAt: now.wall)
        }
    }

    private mutating func record(_ mark: TopicMarks.Mark, appliedAt wall: Int64) {
        latencies.apply.record(microseconds: UInt64(max(0, wall - mark.produced)))
        guard frame.basis == .events, let committed = mark.committed else { return }
        let age = UInt64(max(0, wall - local(committed)))
        latencies.endToEnd.record(microseconds: age)
        latencies.total.record(microseconds: age)
    }

    /// A record of the topic.
    mutating func take(_ mark: TopicMarks.Mark, partition: Int32, at now: UInt64) {
        var mark = mark
        mark.timeline = seen.source?.timeline
        if mark.offset < seen.progress[partition]?.nextOffset ?? 0 {
            // Applied before it came here. Before the first pass that is known, nobody knows when.
            marks.pass(mark)
            let passes = seen.partitions[partition]?.passes ?? []
            if let first = passes.firstIndex(where: { $0.next > mark.offset }), first > 0 {
                record(mark, appliedAt: passes[first].wall)
            }
        } else {
            marks.add(mark, partition: partition)
        }
        seen.lastEvent = now
        guard mark.produced >= frame.start.wall, let committed = mark.committed else { return }
        latencies.capture.record(microseconds: UInt64(max(0, mark.produced - local(committed))))
    }

    /// The source's time as this machine's clock has it.
    func local(_ sourceTime: Int64) -> Int64 { sourceTime - (seen.clocks[.source]?.best?.offset ?? 0) }

    /// The ends of the partitions.
    mutating func take(ends: [Int32: Int64]) {
        seen.failures[.broker] = nil
        for (partition, end) in ends { seen.partitions[partition, default: PartitionPlace()].end = end }
    }

    /// The source answered.
    mutating func take(_ look: SourceLook, at time: UInt64) {
        seen.failures[.source] = nil
        seen.source = look
        seen.bytesAtLook = sourceBytes
        let newest = marks.newest.flatMap { $0.timeline == look.timeline ? $0.position : nil }
        captureWaits.look(
            changes: look.changes,
            position: look.position,
            timeline: look.timeline,
            captured: [newest, look.slot?.confirmed].compactMap { $0 }.max(),
            lastEvent: seen.lastEvent,
            at: time
        )
    }
}
