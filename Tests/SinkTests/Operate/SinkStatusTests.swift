import Foundation
import Model
import Postgres
import Telemetry
import Testing

@testable import Sink

@Suite struct SinkStatusTests {
    private let now = Moment.now()

    /// A sink with one lane whose view is this one.
    private func status(_ change: (inout LaneView) -> Void) throws -> SinkStatus {
        let configuration = try ConfigurationFixture.read([:])
        let control = SinkControl(configuration: configuration)
        let lane = control.begin(configuration)[0]
        var view = LaneView()
        view.phase = .running
        view.partitions = [
            LaneView.Partition(
                place: TopicPartition(topic: "t", partition: 3),
                next: 10,
                end: 14,
                waitingSince: now.wall / 1_000 - 2_500,
                isFenced: false,
                lastBatchSize: 7,
                lastFailure: LaneView.Failure(text: "it broke", at: Moment(monotonic: 1, wall: 1_500_000))
            )
        ]
        change(&view)
        lane.publish(view)
        if case .failed(let reason) = view.phase { control.laneEnded(lane, failure: reason) }
        let statistics = LaneStatistics()
        var counts = EventCounts()
        counts[.insert] = 2
        statistics.applied(events: 3, counts)
        return SinkStatus(control.overview, statistics, worker: "127.0.0.1:8090", now: now)
    }

    @Test func `the document is Connect's, with offsets, lag and errors beside it`() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(try status { _ in })
        let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(document["name"] as? String == "s")
        #expect(document["type"] as? String == "sink")
        #expect(document["group"] as? String == "connect-s")
        #expect(document["records_applied"] as? Int == 3)
        let connector = try #require(document["connector"] as? [String: Any])
        #expect(connector as? [String: String] == ["state": "RUNNING", "worker_id": "127.0.0.1:8090"])
        let task = try #require((document["tasks"] as? [[String: Any]])?.first)
        #expect(task["id"] as? Int == 0)
        #expect(task["state"] as? String == "RUNNING")
        let partition = try #require((task["partitions"] as? [[String: Any]])?.first)
        #expect(partition["topic"] as? String == "t")
        #expect(partition["partition"] as? Int == 3)
        #expect(partition["next_offset"] as? Int == 10)
        #expect(partition["end_offset"] as? Int == 14)
        #expect(partition["records_behind"] as? Int == 4)
        #expect(partition["lag_seconds"] as? Double == 2.5)
        #expect(partition["last_batch_size"] as? Int == 7)
        #expect(partition["last_error"] as? String == "it broke")
        #expect(partition["last_error_at"] as? String == "1970-01-01T00:00:01Z")
        #expect(!String(decoding: data, as: UTF8.self).contains("s3cret"))
        // What the verbs read is what the server writes.
        #expect(try JSONDecoder().decode(SinkStatus.self, from: data).tasks.count == 1)
    }

    @Test func `the age of what waits is counted to now, although the lane says nothing any more`() throws {
        let configuration = try ConfigurationFixture.read([:])
        let control = SinkControl(configuration: configuration)
        var reporter = LaneReporter()
        var assignment = Assignment()
        assignment.add([TopicPartition(topic: "t", partition: 0): 1])
        let lane = control.begin(configuration)[0]
        lane.publish(reporter.view(.running, assignment, leaders: LeaderWatch()) { _ in 2 })
        let later = Moment(monotonic: now.monotonic, wall: now.wall + 60_000_000)
        let status = SinkStatus(control.overview, LaneStatistics(), worker: "w", now: later)
        #expect(status.partitions[0].lagSeconds ?? 0 > 59)
    }

    @Test func `a lane without partitions is unassigned, and that is healthy`() throws {
        let status = try status { $0.partitions = [] }
        #expect(status.tasks[0].state == .unassigned)
        #expect(SinkHealth(status).unreadyReasons.isEmpty)
    }

    @Test func `a pause is healthy, and its partitions say PAUSED`() throws {
        let status = try status { $0.phase = .paused }
        #expect(status.tasks[0].state == .paused)
        #expect(status.partitions[0].state == .paused)
        #expect(SinkHealth(status).unreadyReasons.isEmpty)
    }

    @Test func `a destination that is away makes it unready, not dead`() throws {
        let status = try status { view in
            view.destinationAwaySince = Moment(monotonic: now.monotonic - 12_000_000_000, wall: 0)
            view.lastFailure = LaneView.Failure(text: "no route", at: now)
        }
        let health = SinkHealth(status)
        #expect(health.deadReasons.isEmpty)
        #expect(health.unreadyReasons == ["lane 0: the destination has been away for 12 s: no route"])
    }

    @Test func `a failed lane makes it dead, with the reason`() throws {
        let status = try status { $0.phase = .failed("a bad record") }
        #expect(status.connector.state == .failed)
        #expect(status.tasks[0].trace == "a bad record")
        #expect(SinkHealth(status).deadReasons == ["failed: a bad record"])
    }

    @Test func `a lane that has not moved for long makes it dead`() throws {
        let status = try status { $0.turnedAt = now.monotonic - 200_000_000_000 }
        #expect(SinkHealth(status).deadReasons == ["lane 0 has not moved for 200 s"])
    }

    @Test func `the table has a line for each partition`() throws {
        let lines = "\(StatusTable(try status { _ in }))".split(separator: "\n").map(String.init)
        #expect(lines.count == 3)
        #expect(
            lines[0].hasPrefix("s  RUNNING  group connect-s, into u@h:5432/d; 3 records in 1 transactions")
        )
        #expect(lines[1] == "lane  state    partition  next  behind  lag    batch  last error")
        #expect(
            lines[2] == "0     RUNNING  t[3]       10    4       2.5 s  7      1970-01-01T00:00:01Z: it broke"
        )
    }

    @Test func `what somebody else answers neither ends the verb nor steers the terminal`() throws {
        var status = try status { _ in }
        status.name = "\u{1B}[2Js\n! forged\u{202E}"
        status.tasks[0].silentSeconds = 1e300
        status.tasks[0].destinationAwaySeconds = .infinity
        status.tasks[0].brokersAwaySeconds = .nan
        status.tasks[0].partitions[0].lagSeconds = -1e300
        let text = "\(StatusTable(status))"
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && $0.value != 0x202E) })
        #expect(!text.split(separator: "\n").contains { $0.hasPrefix("! forged") })
        #expect(text.contains("\\u{1b}[2Js"))
    }

    @Test func `a leader that does not answer makes the sink unready, and its lag unknown`() throws {
        let now = now
        let status = try status { view in
            let place = view.partitions[0].place
            view.partitions[0] = LaneView.Partition(
                place: place,
                next: 10,
                end: nil,
                waitingSince: nil,
                leaderAway: .init(
                    text: "too late (_TIMED_OUT)",
                    at: Moment(monotonic: now.monotonic - 12_000_000_000, wall: now.wall - 12_000_000)
                ),
                isFenced: false,
                lastBatchSize: 0,
                lastFailure: nil
            )
        }
        #expect(status.partitions[0].recordsBehind == nil)
        #expect(status.partitions[0].lagSeconds == 12)
        #expect(status.partitions[0].leaderAwaySeconds == 12)
        let health = SinkHealth(status)
        #expect(health.deadReasons == [])
        let reason =
            "lane 0: the leaders of 1 of 1 partitions have not answered for 12 s: t[3]: too late (_TIMED_OUT)"
        #expect(health.unreadyReasons == [reason])
        let text = SinkMetrics.text(status, LaneStatistics()).description
        #expect(text.contains(#"handover_sink_leader_away_seconds{topic="t",partition="3"} 12"#))
        #expect(text.contains("handover_sink_ready 0"))
        #expect(!text.contains("handover_sink_consumer_lag_records{"))
    }

    @Test func `a lag that nobody knows yet is not 0`() throws {
        let status = try status { view in
            view.partitions[0] = LaneView.Partition(
                place: view.partitions[0].place,
                next: 10,
                end: nil,
                waitingSince: nil,
                isFenced: false,
                lastBatchSize: 0,
                lastFailure: nil
            )
        }
        #expect(status.partitions[0].lagSeconds == nil)
        #expect("\(StatusTable(status))".contains("?       ?"))
        #expect(!SinkMetrics.text(status, LaneStatistics()).description.contains("consumer_lag_seconds{"))
    }

    @Test func `metrics agree with the status`() throws {
        let statistics = LaneStatistics()
        var counts = EventCounts()
        counts[.delete] = 2
        counts[.insert] = 1
        statistics.applied(events: 4, counts)
        statistics.retried(
            PostgresError(code: .server, sqlState: .deadlockDetected, message: "deadlock", server: "h")
        )
        let text = SinkMetrics.text(try status { _ in }, statistics).description
        for line in [
            #"handover_sink_events_total{op="delete",result="applied"} 2"#,
            #"handover_sink_events_total{op="insert",result="applied"} 1"#,
            #"handover_sink_events_total{op="other",result="ignored"} 1"#,
            #"handover_sink_consumer_lag_records{topic="t",partition="3"} 4"#,
            #"handover_sink_consumer_lag_seconds{topic="t",partition="3"} 2.5"#,
            #"handover_sink_next_offset{topic="t",partition="3"} 10"#,
            #"handover_sink_retries_total{sqlstate_class="40"} 1"#,
            #"handover_sink_batch_size_events_bucket{le="5"} 1"#,
            "handover_sink_ready 1",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
    }
}
