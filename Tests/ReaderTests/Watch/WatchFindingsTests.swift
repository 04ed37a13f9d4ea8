// Longer than other files: it is the table of what a watch makes of each change of its situation.
import Cluster
import FoundationEssentials
import Histogram
import Model
import Telemetry
import Testing

@testable import Access
@testable import Tables
@testable import Watch

@Suite("What a watch makes of what it sees") struct WatchFindingsTests {
    private static let second: UInt64 = 1_000_000_000

    private func findings(_ basis: WatchSnapshot.EndToEnd.Basis = .events) -> WatchFindings {
        WatchFindings(basis: basis, start: moment(0), slotName: "source_slot")
    }

    /// So many milliseconds after the begin, on both clocks.
    private func moment(_ milliseconds: UInt64) -> Moment {
        Moment(
            monotonic: 1_000 * Self.second + milliseconds * 1_000_000,
            wall: 1_000_000_000 + Int64(milliseconds) * 1_000
        )
    }

    private func mark(_ offset: Int64, committed: UInt64, produced: UInt64, at position: UInt64 = 0)
        -> TopicMarks.Mark
    {
        TopicMarks.Mark(
            offset: offset,
            produced: moment(produced).wall,
            committed: moment(committed).wall,
            position: LSN(rawValue: position)
        )
    }

    private func progress(_ next: Int64) -> [Int32: SinkProgress] {
        [0: SinkProgress(nextOffset: next, events: next)]
    }

    private func look(
        _ position: UInt64,
        changes: Int64 = 0,
        confirmed: UInt64 = 0,
        timeline: UInt32 = 1,
        hasSlot: Bool = true
    ) -> SourceLook {
        SourceLook(
            node: "127.0.0.1:5433",
            timeline: Timeline(timeline),
            position: LSN(rawValue: position),
            changes: changes,
            slot: hasSlot
                ? .init(
                    isActive: true,
                    walStatus: "reserved",
                    restart: LSN(rawValue: 1),
                    confirmed: LSN(rawValue: confirmed)
                )
                : nil
        )
    }

    @Test func `the stages of a change are measured apart, and add up`() throws {
        var found = findings()
        found.take(progress: progress(5), values: [:], at: moment(0))
        found.take(mark(5, committed: 100, produced: 300), partition: 0, at: moment(310).monotonic)
        found.take(ends: [0: 6])
        found.take(progress: progress(6), values: [:], at: moment(900))
        let snapshot = try #require(found.takeSnapshot(at: moment(1_000))?.snapshot)
        // Exact to one percent.
        #expect((198_000...202_000).contains(snapshot.stages.capture.interval?.max ?? 0))
        #expect((594_000...606_000).contains(snapshot.stages.apply.interval?.max ?? 0))
        #expect((792_000...808_000).contains(snapshot.stages.endToEnd.stage.interval?.max ?? 0))
        #expect(snapshot.backlog.queueRecords == 0)
        #expect(snapshot.condition.state == .ok)
    }

    @Test(arguments: [WatchSnapshot.EndToEnd.Basis.history, .events])
    func `a backlog that is worked off is LAGGING, whoever wrote it`(_ basis: WatchSnapshot.EndToEnd.Basis)
        throws
    {
        var found = findings(basis)
        found.take(progress: progress(5), values: [:], at: moment(0))
        found.take(mark(5, committed: 100, produced: 29_000), partition: 0, at: moment(29_010).monotonic)
        found.take(ends: [0: 6])
        found.take(progress: progress(6), values: [:], at: moment(29_100))
        let slow = try #require(found.takeSnapshot(at: moment(29_200))?.snapshot)
        #expect(slow.condition.state == .lagging)
        #expect(
            slow.condition.reason?.hasPrefix("changes take 28.") == true,
            "\(slow.condition.reason ?? "")"
        )
        found.take(mark(6, committed: 29_500, produced: 29_600), partition: 0, at: moment(29_610).monotonic)
        found.take(ends: [0: 7])
        found.take(progress: progress(7), values: [:], at: moment(29_700))
        #expect(try #require(found.takeSnapshot(at: moment(30_200))?.snapshot).condition.state == .ok)
    }

    @Test func `lag grows while nothing is applied, and the state says so`() throws {
        var found = findings()
        found.take(progress: progress(5), values: [:], at: moment(0))
        found.take(mark(5, committed: 100, produced: 200), partition: 0, at: moment(200).monotonic)
        found.take(ends: [0: 9])
        var ages: [UInt64] = []
        var states: [PipelineState] = []
        for time in stride(from: UInt64(1_000), through: 8_000, by: 1_000) {
            found.take(progress: progress(5), values: [:], at: moment(time))
            let snapshot = try #require(found.takeSnapshot(at: moment(time))?.snapshot)
            ages.append(try #require(snapshot.stages.endToEnd.stage.current))
            states.append(snapshot.condition.state)
            #expect(snapshot.backlog.queueRecords == 4)
        }
        #expect(ages == ages.sorted() && Set(ages).count == ages.count)
        #expect(states.first == .ok && states.last == .stalled)
        #expect(found.machine.reason == "4 records behind, nothing moved for 7 s")
    }

    @Test func `while the source is away no lag is 0, and the line says for how long nothing came through`()
        throws
    {
        var found = findings(.history)
        found.take(progress: progress(5), values: [:], at: moment(500))
        found.take(ends: [0: 5])
        found.take(look(100), at: moment(900).monotonic)
        let well = try #require(found.takeSnapshot(at: moment(1_000))?.snapshot)
        #expect(well.condition.state == .ok && well.condition.still == nil)
        #expect(well.line.contains("lag p50=- p99=- max=- capture=- apply=- behind=0 "), "\(well.line)")
        var still: [UInt64?] = []
        for time in stride(from: UInt64(1_500), through: 9_500, by: 1_000) {
            found.seen.failures[.source] = "no server is up"
            found.take(progress: progress(5), values: [:], at: moment(time))
            let snapshot = try #require(found.takeSnapshot(at: moment(time))?.snapshot)
            #expect(snapshot.condition.state == .stopped)
            #expect(!snapshot.line.contains("=0µs"), "\(snapshot.line)")
            still.append(snapshot.condition.still)
        }
        #expect(still.first == .some(nil))
        #expect(still.dropFirst().compactMap(\.self) == (1...8).map { $0 * 1_000_000 + 500_000 })
    }

    @Test func `an idle time before the source went away does not count as a standstill`() throws {
        var found = findings()
        found.take(progress: progress(5), values: [:], at: moment(500))
        found.take(ends: [0: 5])
        for time in stride(from: UInt64(1_000), through: 60_000, by: 1_000) {
            found.take(look(100), at: moment(time).monotonic)
            #expect(try #require(found.takeSnapshot(at: moment(time))?.snapshot).condition.still == nil)
        }
        found.seen.failures[.source] = "no server is up"
        #expect(try #require(found.takeSnapshot(at: moment(63_000))?.snapshot).condition.still == 3_000_000)
    }

    @Test func `a change that waited to be captured still waits while the source can't be asked`() throws {
        var found = findings()
        found.take(progress: progress(5), values: [:], at: moment(0))
        found.take(ends: [0: 5])
        found.take(look(100, changes: 1, confirmed: 50), at: moment(100).monotonic)
        found.take(look(200, changes: 2, confirmed: 50), at: moment(1_000).monotonic)
        found.seen.failures[.source] = "no server is up"
        let away = try #require(found.takeSnapshot(at: moment(5_000))?.snapshot)
        #expect(away.stages.capture.current == 4_000_000)
        // A record came: whether it is the one that waited nobody knows.
        found.take(mark(5, committed: 900, produced: 5_500), partition: 0, at: moment(5_500).monotonic)
        let later = try #require(found.takeSnapshot(at: moment(6_000))?.snapshot)
        #expect(later.stages.capture.waiting == nil)
    }

    @Test func `records behind are not known before every partition's are`() throws {
        var found = findings()
        found.take(
            progress: [
                0: SinkProgress(nextOffset: 5, events: 5), 1: SinkProgress(nextOffset: 5, events: 5),
            ],
            values: [:],
            at: moment(0)
        )
        found.take(ends: [0: 6])
        let some = try #require(found.takeSnapshot(at: moment(1_000))?.snapshot)
        #expect(some.backlog.queueRecords == nil)
        #expect(some.line.contains("behind=? "))
        found.take(ends: [1: 7])
        #expect(try #require(found.takeSnapshot(at: moment(2_000))?.snapshot).backlog.queueRecords == 3)
    }

    @Test func `rows are neither equal nor divergent before any was compared`() throws {
        var found = findings()
        found.take(progress: progress(5), values: [:], at: moment(0))
        let before = try #require(found.takeSnapshot(at: moment(1_000))?.snapshot)
        #expect(!before.line.contains("divergent="))
        #expect(!WatchMetrics.text(before).description.contains("divergent_rows"))
        found.seen.scan.pass = 0.1
        let after = try #require(found.takeSnapshot(at: moment(2_000))?.snapshot)
        #expect(after.line.contains("divergent=0 maybe=0"))
    }

    @Test func `a stage of a stopped pipeline without a known lag has no metric`() throws {
        var found = findings()
        found.take(progress: progress(5), values: [:], at: moment(0))
        found.take(ends: [0: 5])
        let idle = WatchMetrics.text(try #require(found.takeSnapshot(at: moment(500))?.snapshot)).description
        #expect(idle.contains(#"handover_watch_lag_seconds{stage="capture"} 0"#))
        #expect(!idle.contains("handover_watch_still_seconds"))
        found.seen.failures[.source] = "no server is up"
        let away = WatchMetrics.text(try #require(found.takeSnapshot(at: moment(2_500))?.snapshot))
            .description
        #expect(!away.contains("handover_watch_lag_seconds{"))
        #expect(away.contains("handover_watch_still_seconds 2"))
    }

    @Test func `what was applied before the first look has no lag`() throws {
        var found = findings()
        found.take(mark(0, committed: 0, produced: 1), partition: 0, at: moment(1).monotonic)
        found.take(progress: progress(1), values: [:], at: moment(500))
        let snapshot = try #require(found.takeSnapshot(at: moment(1_000))?.snapshot)
        #expect(snapshot.stages.apply.interval == nil)
    }

    @Test func `a record that the sink applied before it came here is counted at the time of that`() throws {
        var found = findings()
        found.take(progress: progress(5), values: [:], at: moment(100))
        found.take(progress: progress(6), values: [:], at: moment(400))
        found.take(mark(5, committed: 200, produced: 300), partition: 0, at: moment(450).monotonic)
        let snapshot = try #require(found.takeSnapshot(at: moment(1_000))?.snapshot)
        #expect((snapshot.stages.apply.interval?.max ?? 0) / 1_000 == 100)
    }

    @Test func `commit times are corrected by the skew of the source's clock`() throws {
        var found = findings()
        // The source's clock is 50 ms ahead.
        var skew = ClockSkew()
        skew.take(sent: 1_000_000, server: 1_050_100, received: 1_000_200)
        found.seen.clocks[.source] = skew
        found.take(progress: progress(0), values: [:], at: moment(0))
        found.take(mark(0, committed: 150, produced: 300), partition: 0, at: moment(310).monotonic)
        let snapshot = try #require(found.takeSnapshot(at: moment(1_000))?.snapshot)
        #expect((snapshot.stages.capture.interval?.max ?? 0) / 1_000 == 200)
        #expect(snapshot.surroundings.clocks == [.init(server: "source", offset: 50_000, error: 100)])
    }

    @Test func `bytes are counted on one timeline only`() throws {
        var found = findings()
        found.take(progress: progress(5), values: [:], at: moment(0))
        found.take(ends: [0: 6])
        found.take(look(1_000), at: moment(1).monotonic)
        found.take(mark(5, committed: 1, produced: 2, at: 700), partition: 0, at: moment(2).monotonic)
        found.take(look(1_000), at: moment(3).monotonic)
        #expect(found.takeSnapshot(at: moment(1_000))?.snapshot.backlog.sourceBytes == 300)
        found.take(look(1_200, timeline: 2), at: moment(4).monotonic)
        let snapshot = try #require(found.takeSnapshot(at: moment(2_000))?.snapshot)
        #expect(snapshot.backlog.sourceBytes == nil)
        // All applied: what the slot's reader has confirmed is applied.
        found.take(progress: progress(6), values: [:], at: moment(2_100))
        found.take(look(1_200, confirmed: 1_150, timeline: 2), at: moment(2_200).monotonic)
        #expect(found.takeSnapshot(at: moment(3_000))?.snapshot.backlog.sourceBytes == 50)
    }

    @Test func `a slot that is missing stops the pipeline, by its name and the leader's`() throws {
        var found = findings()
        found.take(progress: [:], values: [:], at: moment(0))
        found.cluster.leader = .some(.init(name: "patroni3", timeline: 4))
        found.cluster.connectorFailure = "connector task FAILED: no slot"
        found.take(look(1_000, hasSlot: false), at: moment(1).monotonic)
        let snapshot = try #require(found.takeSnapshot(at: moment(1_000))?.snapshot)
        #expect(snapshot.condition.state == .stopped)
        #expect(snapshot.condition.reason == "slot source_slot missing on leader patroni3")
        #expect(snapshot.flow.slot?.isPresent == false)
    }

    @Test func `a partition that no sink has is named`() throws {
        var found = findings()
        found.take(
            progress: [0: .init(nextOffset: 1, events: 1), 2: .init(nextOffset: 1, events: 1)],
            values: [:],
            at: moment(0)
        )
        found.take(ends: [0: 1, 2: 9])
        found.cluster.owners = [0: "http://127.0.0.1:8090"]
        _ = found.takeSnapshot(at: moment(1_000))
        let snapshot = try #require(found.takeSnapshot(at: moment(7_000))?.snapshot)
        #expect(snapshot.condition.state == .stopped)
        #expect(snapshot.condition.reason == "sink has no owner for partition 2")
    }

    @Test func `one partition that stands still is STALLED while others move`() throws {
        var found = findings()
        for time in stride(from: UInt64(0), through: 6_000, by: 1_000) {
            let moving = SinkProgress(nextOffset: Int64(time), events: 0)
            found.take(
                progress: [0: moving, 1: .init(nextOffset: 4, events: 4)],
                values: [:],
                at: moment(time)
            )
            found.take(ends: [0: 9_000, 1: 7])
            _ = found.takeSnapshot(at: moment(time))
        }
        #expect(found.machine.state == .stalled)
        #expect(found.machine.reason == "partition 1: 3 records behind, nothing applied for 6 s")
    }

    @Test func `progress that goes back is REWOUND`() {
        var found = findings()
        found.take(progress: progress(9), values: [:], at: moment(0))
        found.take(progress: progress(4), values: [:], at: moment(100))
        _ = found.takeSnapshot(at: moment(1_000))
        #expect(found.machine.state == .rewound)
        found.take(progress: progress(9), values: [:], at: moment(1_100))
        _ = found.takeSnapshot(at: moment(2_000))
        #expect(found.machine.state == .ok)
    }

    @Test func `versions behind are counted per row`() throws {
        var found = findings(.history)
        let writes = [(1, 11), (1, 12), (1, 13), (2, 21)].map {
            Acknowledgement(id: Int64($0.0), token: Int64($0.1), time: moment(10).monotonic)
        }
        found.take(writes)
        found.take(progress: [:], values: [1: 11, 2: 5], at: moment(20))
        let snapshot = try #require(found.takeSnapshot(at: moment(1_000))?.snapshot)
        #expect(snapshot.backlog.versionsBehind == 2)
        #expect(snapshot.backlog.rowsBehind == 2)
    }

    @Test func `the document survives JSON, and leaves out what is not known`() throws {
        var found = findings()
        found.take(progress: progress(0), values: [:], at: moment(0))
        found.cluster.parts["1"] = [
            .init(name: "task 0", state: "FAILED", failure: "<script>alert(1)</script> \"x\" \u{1B}[31m")
        ]
        let snapshot = try #require(found.takeSnapshot(at: moment(1_000))?.snapshot)
        let json = WatchOutput.json(snapshot)
        #expect(!json.contains("\n") && !json.contains("sourceBytes") && !json.contains("\u{1B}"))
        #expect(json.contains(#""version":1"#))
        #expect(try JSONDecoder().decode(WatchSnapshot.self, from: Data(json.utf8)) == snapshot)
    }

    @Test func `the document is one object with the fields of all groups beside each other`() throws {
        var found = findings(.history)
        found.take(progress: progress(5), values: [:], at: moment(0))
        found.take(ends: [0: 6])
        found.take(look(1_000, hasSlot: false), at: moment(1).monotonic)
        found.cluster.notReady = []
        let json = WatchOutput.json(try #require(found.takeSnapshot(at: moment(9_000))?.snapshot))
        let object = try JSONDecoder().decode([String: Anything].self, from: Data(json.utf8))
        let expected =
            "apply capture clocks divergence endToEnd interval leader notReady partitions parts queueAge "
            + "queueRecords rates reason rewoundRows rowsBehind slot state still version versionsBehind "
            + "wall window"
        #expect(object.keys.sorted().joined(separator: " ") == expected)
    }

    /// Any value of JSON.
    private struct Anything: Decodable {
        init(from decoder: any Decoder) throws {}
    }
}

@Suite("The capture of changes") struct CaptureTrackerTests {
    private static let second: UInt64 = 1_000_000_000

    private func look(
        _ tracker: inout CaptureTracker,
        _ second: UInt64,
        changes: Int64,
        end: UInt64,
        captured: UInt64,
        timeline: UInt32 = 1,
        lastEvent: UInt64? = nil
    ) {
        tracker.look(
            changes: changes,
            position: LSN(rawValue: end),
            timeline: Timeline(timeline),
            captured: LSN(rawValue: captured),
            lastEvent: lastEvent.map { $0 * Self.second },
            at: second * Self.second
        )
    }

    @Test func `changes that do not reach the topic wait, and longer each second`() {
        var tracker = CaptureTracker()
        look(&tracker, 1, changes: 0, end: 100, captured: 100)
        look(&tracker, 2, changes: 5, end: 200, captured: 90)
        #expect(tracker.age(at: 4 * Self.second) == 2_000_000)
        look(&tracker, 9, changes: 9, end: 300, captured: 90)
        #expect(tracker.age(at: 10 * Self.second) == 8_000_000)
        look(&tracker, 10, changes: 9, end: 300, captured: 300)
        #expect(tracker.age(at: 11 * Self.second) == nil)
    }

    @Test func `a table at rest waits for nothing although the log goes on`() {
        var tracker = CaptureTracker()
        for second in UInt64(1)...60 {
            look(&tracker, second, changes: 7, end: 100 * second, captured: 100)
        }
        #expect(tracker.age(at: 61 * Self.second) == nil)
    }

    @Test func `counters that come late do not make a change wait that is in the topic`() {
        var tracker = CaptureTracker()
        look(&tracker, 1, changes: 0, end: 100, captured: 100)
        // Committed in second 2 at 150 and in the topic in second 3; the counters tell of it in second 10.
        look(&tracker, 9, changes: 0, end: 900, captured: 150, lastEvent: 3)
        look(&tracker, 10, changes: 1, end: 950, captured: 150, lastEvent: 3)
        look(&tracker, 11, changes: 1, end: 960, captured: 150, lastEvent: 3)
        #expect(tracker.age(at: 12 * Self.second) == nil)
    }

    @Test func `a change of the leader starts no waiting of its own`() {
        var tracker = CaptureTracker()
        look(&tracker, 1, changes: 500, end: 900, captured: 900)
        look(&tracker, 2, changes: 0, end: 950, captured: 900, timeline: 2)
        look(&tracker, 3, changes: 0, end: 960, captured: 900, timeline: 2)
        #expect(tracker.age(at: 4 * Self.second) == nil)
    }
}

@Suite("Parts of a watch") struct WatchPartsTests {
    @Test func `as many writes a second are followed as were asked for, at any rate`() {
        for rate in [20, 500, 20_000] {
            var sampling = Sampling(perSecond: 50)
            var taken: [Int] = []
            for second in UInt64(10)..<20 {
                taken.append(
                    (0..<rate).count {
                        sampling.takes(
                            at: second * 1_000_000_000 + UInt64($0) * (1_000_000_000 / UInt64(rate))
                        )
                    }
                )
            }
            #expect(taken.dropFirst().allSatisfy { (min(rate, 45)...50).contains($0) }, "\(rate): \(taken)")
        }
    }

    @Test func `the oldest rows are asked for always, the others in turn`() {
        var lag = LagTracker(start: 0)
        for id in Int64(1)...100 { lag.take(.init(id: id, token: id, time: UInt64(id))) }
        var asked: Set<Int64> = []
        for _ in 0..<20 {
            let ids = lag.rowsToAsk(limit: 20)
            #expect(ids.count == 20 && Set(ids).isSuperset(of: 1...10))
            asked.formUnion(ids)
        }
        #expect(asked.count == 100)
    }

    @Test func `a stall of any length keeps few rows, the oldest among them`() {
        var lag = LagTracker(start: 0)
        for id in Int64(1)...50_000 { lag.take(.init(id: id, token: id, time: UInt64(id) * 1_000_000)) }
        #expect(lag.pendingCount <= UInt64(LagTracker.openRows))
        #expect(lag.oldestAge(at: 50_000 * 1_000_000) == 49_999_000)
    }

    @Test func `the window forgets what is older`() {
        var window = LagWindow(length: 2)
        for value in [UInt64(9_000), 10, 20] {
            var interval = LatencyHistogram()
            interval.record(microseconds: value)
            window.add(interval)
        }
        #expect(window.all.count == 2)
        #expect(window.all.maximum == 20)
        #expect(window.all.percentile(50) == 10)
    }

    @Test func `of the clock's answers the quickest is believed`() {
        var clock = ClockSkew()
        clock.take(sent: 0, server: 5_000, received: 4_000)
        clock.take(sent: 10_000, server: 10_150, received: 10_100)
        clock.take(sent: 20_000, server: 29_000, received: 28_000)
        #expect(clock.best == .init(offset: 100, error: 50))
    }

    @Test func `a scan pays for what it costs, and its steps fit`() {
        var budget = ScanBudget(share: 0.004)
        #expect(budget.spent(1_000_000) == 250_000_000)
        #expect(budget.rows == 2_048)
        _ = budget.spent(100_000_000)
        #expect(budget.rows == 1_024)
        for _ in 0..<20 { _ = budget.spent(100_000_000) }
        #expect(budget.rows == ScanBudget.rowLimits.lowerBound)
    }

    @Test func `marks of a partition stay few, and the oldest is kept`() {
        var marks = TopicMarks()
        for offset in Int64(0)..<100_000 {
            marks.add(.init(offset: offset, produced: offset * 6_000), partition: 0)
        }
        #expect(marks.oldest(0)?.offset == 0)
        let applied = marks.takeApplied(0, before: 100_000)
        #expect(applied.count <= TopicMarks.capacity && applied.count > TopicMarks.capacity / 4)
        #expect(marks.oldest(0) == nil)
    }

    @Test func `a sparkline reaches from nothing to the largest`() {
        #expect(Sparkline.text([0, 7, nil, 3.5], width: 5) == " ▁█ ▅")
        #expect(Sparkline.text([1, 2, 3], width: 2) == "▆█")
        #expect(Sparkline.text([], width: 3) == "   ")
        // A millisecond is to be seen beside ten seconds.
        #expect(Sparkline.text([1_000, 10_000_000], width: 2, isLogarithmic: true).first != "▁")
    }

    @Test func `foreign text stays on its line and cannot command a terminal`() {
        #expect("a\"b\u{1B}[31m\nc\u{9B}2J\u{7F}é".onOneLine == #"a'b\u{1b}[31m\nc\u{9b}2J\u{7f}é"#)
    }

    @Test(arguments: [
        (Int64(512), "512B"), (1_400_000, "1.4MB"), (2_500, "2.5kB"), (7_000_000_000_000, "7000.0GB"),
    ])
    func `bytes are short`(count: Int64, text: String) {
        #expect(count.asBytes == text)
    }

    @Test func `a digest's range and the rows in it fit together`() {
        #expect(TablePart.range(above: 3, through: 5).contains(5))
        #expect(!TablePart.range(above: 3, through: 5).contains(3))
        #expect(TablePart.range(above: 3, through: nil).contains(.max))
        #expect(!TablePart.rows([1]).contains(2))
    }

    @Test func `a part of the table that agrees clears the suspicions in it, and only those`() {
        var rows = DivergenceTracker()
        rows.compare(
            .range(above: .min, through: nil),
            source: [1: 10, 900: 10],
            destination: [1: 9, 900: 9],
            at: 1
        )
        rows.compare(.range(above: 0, through: 500), source: [:], destination: [:], at: 2)
        #expect(rows.rowsToAsk(limit: 10) == [900])
        rows.compare(.rows([900]), source: [900: 10], destination: [900: 10], at: 3)
        #expect(rows.rowsToAsk(limit: 10).isEmpty)
    }
}

@Suite("What the sinks say together") struct SinkSummaryTests {
    private func report(
        _ state: String,
        _ partitions: [Int32] = [],
        task: String = "RUNNING",
        trace: String? = nil
    ) -> SinkReport {
        SinkReport(
            connector: .init(state: state),
            tasks: [
                .init(
                    state: task,
                    trace: trace,
                    partitions: partitions.map { .init(topic: "t", partition: $0, state: "RUNNING") }
                )
            ]
        )
    }

    @Test func `one of two that is away is no failure as long as the other runs`() {
        let summary = SinkSummary(
            [
                ("http://a", .failure(ClusterError(url: "http://a", reason: "refused"))),
                ("http://b", .success(report("RUNNING", [0, 1]))),
            ],
            topic: "t"
        )
        #expect(summary.failure == nil)
        #expect(summary.owners == [0: "http://b", 1: "http://b"])
        #expect(summary.parts.map(\.state) == ["UNREACHABLE", "RUNNING"])
    }

    @Test func `a pause and a failed lane say so`() {
        #expect(SinkSummary([("http://a", .success(report("PAUSED")))], topic: "t").failure == "sink PAUSED")
        let failed = SinkSummary(
            [("http://a", .success(report("RUNNING", task: "FAILED", trace: "bad row\nat")))],
            topic: "t"
        )
        #expect(failed.failure == "sink FAILED: bad row")
    }
}
