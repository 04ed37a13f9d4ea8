import Testing

/// The pipeline of the README, on real parts.
///
/// The tests share one cluster and one history, in this order; each ends with the reader's verdict on
/// everything that happened so far.
@Suite(.serialized)
struct PipelineTests {
    let lab: Lab

    init() throws {
        lab = try Lab.shared.get()
    }

    @Test func `a snapshot and the stream after it arrive`() async throws {
        try lab.beginHistory()
        #expect(try lab.program("writer", "init", "--rows", "1000").code == 0)
        try lab.verb("register-source")
        try lab.verb("start", "sink")
        try await lab.until("the snapshot is in the destination", within: .seconds(60)) {
            try lab.query("destination", "select count(*) from debezium_table") == "1000"
        }
        try await lab.underLoad(rate: 1000) {}
        try expectPass()
    }

    @Test func `20,000 acknowledged writes go through a switchover`() async throws {
        let before = try lab.acknowledgedCount()
        let cleared = try lab.lineCount(#""action":"clear""#)
        let leader = try lab.leader()
        try await lab.underLoad(rate: 2000) {
            try lab.verb("switchover")
            try await lab.until("20,000 writes are acknowledged", within: .seconds(90)) {
                try lab.acknowledgedCount() >= before + 20_000
            }
        }
        #expect(try lab.leader() != leader)
        try expectPass()
        // The guard let capture through to the new leader, and left the offset where it was.
        #expect(try lab.lineCount(#""action":"clear""#) > cleared)
        #expect(try lab.lineCount(#""type":"rewind""#) == 0)
    }

    @Test func `a killed leader loses nothing that reached its replicas`() async throws {
        let leader = try lab.leader()
        try await lab.underLoad(rate: 500) {
            try lab.verb("kill", leader)
            try await lab.until("there is a new leader", within: .seconds(60)) {
                try lab.hasLeader()
            }
            try lab.verb("start", leader)
        }
        try expectPass()
    }

    @Test func `a killed Connect worker hands its task on`() async throws {
        let worker =
            try lab.verb("list-connectors").contains(":\(try connectPort(1))") ? "connect1" : "connect2"
        try await lab.underLoad(rate: 1000) {
            try lab.verb("kill", worker)
            try await Task.sleep(for: .seconds(2))
            try lab.verb("start", worker)
        }
        try expectPass()
    }

    @Test func `a sink killed in mid-stream goes on where it was`() async throws {
        try await lab.underLoad(rate: 2000) {
            for _ in 0..<3 {
                try lab.verb("kill", "sink1")
                try lab.verb("start", "sink1")
                let before = try lab.query(
                    "destination",
                    "select sum(next_offset) from handover.sink_progress"
                )
                try await lab.until("the sink applies again", within: .seconds(60)) {
                    try lab.query("destination", "select sum(next_offset) from handover.sink_progress")
                        != before
                }
            }
        }
        try expectPass()
    }

    @Test func `a destination that restarts under load gets everything once`() async throws {
        try await lab.underLoad(rate: 2000) {
            try lab.verb("kill", "destination")
            try lab.verb("start", "destination")
            try await Task.sleep(for: .seconds(3))
            try lab.verb("stop", "destination")
            try lab.verb("start", "destination")
        }
        try expectPass()
    }

    @Test func `a broker that stands still for a while loses nothing`() async throws {
        try await lab.underLoad(rate: 1000) {
            try lab.verb("pause", "broker")
            try await Task.sleep(for: .seconds(5))
            try lab.verb("resume", "broker")
        }
        try expectPass()
    }

    @Test func `a row changed by hand turns the verdict, and the stream puts it right again`() async throws {
        try lab.verb(
            "psql",
            "destination",
            "-qc",
            "update debezium_table set current_value = 7 where id = 17"
        )
        let broken = try lab.verify()
        #expect(broken.code == 1)
        #expect(broken.firstLine.hasPrefix("FAIL: "), "\(broken.firstLine)")
        #expect(broken.output.contains("17"))
        try await lab.underLoad(rate: 2000) {}
        try expectPass()
    }

    @Test func `a sink that slept while another took over writes nothing twice`() async throws {
        try await lab.underLoad(rate: 1000) {
            // Past the session timeout, so that the group gives its partitions to another; it still holds a batch
            // when it wakes up, and only the compare-and-set of the progress keeps it from writing.
            try lab.verb("pause", "sink1")
            try lab.verb("start", "sink2")
            let before = try lab.query("destination", "select sum(next_offset) from handover.sink_progress")
            try await lab.until("the other sink applies", within: .seconds(60)) {
                try lab.query("destination", "select sum(next_offset) from handover.sink_progress") != before
            }
            try lab.verb("resume", "sink1")
        }
        try expectPass()
    }

    /// A minute of attack; `make drill` takes ten.
    @Test func `a switchover under attack on every port ends well`() async throws {
        let seconds = Int(lab.environment["DRILL_SECONDS"] ?? "60") ?? 60
        let drill = try Drill(self)
        defer { drill.discard() }
        try await drill.isUp()
        let (leader, programs) = (try lab.leader(), try drill.attacked())
        let witness = try Witness(lab, drill.questions)
        defer { witness.discard() }
        let attackers = try Attackers(Self.attackKinds, seconds: seconds, drill.ports)
        defer { attackers.discard() }
        try await Task.sleep(for: .seconds(seconds / 2))
        try lab.verb("switchover")
        let next = try lab.leader()
        #expect(next != leader)
        for (name, outcome) in try attackers.end() {
            #expect(outcome.opened > 0, "\(name)")
            let isFollowed = outcome.answers["202"] != nil || outcome.answers["500"] != nil
            #expect(!isFollowed, "\(name): \(outcome.answers)")
        }
        drill.expect(try witness.end(), leaders: [leader, next])
        try await expectRecovery(programs)
        try await drill.end(["writer", "watch"])
        try expectPass()
        try await drill.end(["sink1", "sink2"])
    }

    /// Expects the reader to find nothing wrong with all that happened so far.
    func expectPass(_ location: SourceLocation = #_sourceLocation) throws {
        let verdict = try lab.verify()
        #expect(verdict.code == 0, "\(verdict.output)", sourceLocation: location)
        #expect(verdict.firstLine.hasPrefix("PASS"), "\(verdict.firstLine)", sourceLocation: location)
    }

    private func connectPort(_ number: Int) throws -> String {
        let line = try #require(
            try lab.verb("status").split(separator: "\n").first { $0.hasPrefix("connect\(number) ") }
        )
        return try #require(line.split(separator: " ").last).description
    }
}
