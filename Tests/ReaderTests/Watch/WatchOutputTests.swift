import History
import Model
import Telemetry
import Testing

@testable import Tables
@testable import Watch

@Suite("What a watch shows") struct WatchOutputTests {
    /// A pipeline that stopped after a failover, after `count` intervals.
    private func document(_ count: UInt64 = 40) throws -> WatchDocument {
        var found = WatchFindings(
            basis: .events,
            start: Moment(monotonic: 0, wall: 0),
            slotName: "source_slot"
        )
        var snapshot: WatchSnapshot?
        for second in 1...count {
            let now = Moment(monotonic: second * 1_000_000_000, wall: Int64(second) * 1_000_000)
            let name = second < 20 ? "patroni1" : "patroni2"
            found.cluster.leader = .some(
                second == 20 ? nil : .init(name: name, timeline: second < 20 ? 1 : 2)
            )
            found.take(
                progress: [0: .init(nextOffset: Int64(min(second, 20)), events: 0)],
                values: [:],
                at: now
            )
            found.take(ends: [0: Int64(second)])
            snapshot = found.takeSnapshot(at: now)?.snapshot
        }
        found.series.begin(fault: "kill patroni1\u{1B}[2J", at: 19_000_000)
        var last = try #require(snapshot)
        last.surroundings.parts = [
            .init(name: "task 0", state: "FAILED", failure: "\u{1B}]0;owned\u{7}<b>trace</b>")
        ]
        return WatchDocument(snapshot: last, series: found.series, verdict: .init(firstLine: "PASS", wall: 1))
    }

    @Test(arguments: [(80, 24), (200, 60), (20, 5)])
    func `the live screen fits the terminal`(columns: Int, rows: Int) throws {
        let lines = LiveScreen(try document(), columns: columns, rows: rows).text.split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        #expect(lines.count <= max(10, rows))
        for line in lines {
            let plain = line.replacing(#/\u{1B}\[[0-9;]*m/#, with: "")
            #expect(plain.count <= max(40, columns), "\(plain)")
            #expect(!plain.unicodeScalars.contains { $0.value < 0x20 }, "\(plain)")
        }
    }

    @Test func `the live screen shows state, reason, leaders, partitions and faults`() throws {
        let text = LiveScreen(try document(), columns: 120, rows: 60).text
        for part in [
            "STALLED", "20 records behind", "A=patroni1 timeline 1", "B=patroni2 timeline 2", "partition 0",
            "FAILED", "kill patroni1", "PASS",
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
    }

    @Test func `the series has the leaders and a gap while nobody leads`() throws {
        let reigns = try document().series.reigns
        #expect(reigns.map(\.leader?.name) == ["patroni1", nil, "patroni2"])
        #expect(reigns.map(\.from) == [1_000_000, 20_000_000, 21_000_000])
    }

    @Test func `the series keeps ten minutes`() throws {
        let series = try document(700).series
        #expect(series.points.count == WatchSeries.capacity)
        #expect(series.reigns.count == 1)
    }

    @Test func `a fault ends with the line of its end, and lasts until then`() {
        var series = WatchSeries()
        let begin = HistoryLine.Fault(
            edge: .begin,
            fault: "kill",
            target: "sink1",
            leader: nil,
            timeline: nil
        )
        var end = begin
        end.edge = .end
        series.take(HistoryLine(.fault(begin), at: Moment(monotonic: 1, wall: 10)))
        #expect(series.faults == [.init(text: "kill sink1", from: 10)])
        series.take(HistoryLine(.fault(end), at: Moment(monotonic: 2, wall: 30)))
        series.take(
            HistoryLine(
                .restart(connector: "c", reason: "r", stored: nil, timeline: nil),
                at: Moment(monotonic: 3, wall: 40)
            )
        )
        #expect(series.faults.map(\.through) == [30, 40])
    }

    @Test func `metrics are in base units and name the state`() throws {
        let text = WatchMetrics.text(try document().snapshot).description
        #expect(text.contains(#"handover_watch_state{state="STALLED"} 1"#))
        #expect(text.contains(#"handover_watch_state{state="OK"} 0"#))
        #expect(text.contains("handover_watch_queue_records 20\n"))
        #expect(text.contains(#"handover_watch_part_running{part="task 0"} 0"#))
    }

    @Test func `the line says what stands still and why`() throws {
        let line = try document().snapshot.line
        #expect(line.contains("behind=20 "))
        #expect(
            line.contains("state=STALLED still=20.0s reason=\"20 records behind, nothing moved for 19 s\"")
        )
    }

    @Test func `the page is in the program, loads nothing from elsewhere and writes no markup`() {
        let page = String(decoding: PackageResources.watch_html, as: UTF8.self)
        #expect(page.contains("<title>Handover</title>"))
        for risk in ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "https://", "src="] {
            #expect(!page.contains(risk), "\(risk)")
        }
    }

    @Test func `an event tells when and where it was committed`() {
        func stamp(_ text: String) -> CommitStamp? {
            Array(text.utf8).withUnsafeBytes { CommitStamp($0.bytes) }
        }
        let event =
            #"{"op":"u","before":null,"after":{"id":1},"source":{"ts_ms":1700000000123,"lsn":255,"ts_us":1700000000123456}}"#
        #expect(stamp(event) == CommitStamp(committed: 1_700_000_000_123_456, position: LSN(rawValue: 255)))
        let older = event.replacing(#","ts_us":1700000000123456"#, with: "")
        #expect(stamp(older)?.committed == 1_700_000_000_123_000)
        // The rows of a snapshot were committed long before.
        #expect(stamp(event.replacing(#""op":"u""#, with: #""op":"r""#))?.committed == nil)
        #expect(stamp("{}") == nil && stamp("") == nil && stamp("[") == nil)
    }
}
