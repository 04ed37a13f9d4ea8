import Foundation
import Testing

extension PipelineTests {
    @Test func `servers under attack answer their users, and have their memory back afterwards`() async throws
    {
        let side = try SidePipeline(lab, "attacked")
        defer { side.remove() }
        try await side.register()
        let base = try brokerPort() + 720
        let token = try side.secret("token", "a-token-of-the-attacked-sink\n")
        let sink = try side.start(
            "sink",
            "run",
            side.sinkFile,
            "--listen",
            "127.0.0.1:\(base)",
            "--token-file",
            token
        )
        defer { sink.discard() }
        let writer = try side.start(
            "writer",
            "run",
            "--rate",
            "200",
            "--metrics",
            "127.0.0.1:\(base + 1)"
        )
        defer { writer.discard() }
        let watch = try side.start(
            "reader",
            "watch",
            "--sink",
            side.sink,
            "--listen",
            "127.0.0.1:\(base + 2)"
        )
        defer { watch.discard() }
        try await lab.until("the load reaches the destination", within: .seconds(60)) {
            try side.progress() > 3_000
        }

        let guardPort = try port(of: "HANDOVER_GUARD_URL")
        let targets = [
            ["sink", "\(base)", "/health", "PUT", "/pause"],
            ["writer", "\(base + 1)", "/metrics", "PUT", "/metrics"],
            ["watch", "\(base + 2)", "/health", "PUT", "/watch.json"],
            ["guard", "\(guardPort)", "/health", "POST", "/clear/1"],
            ["gate", "\(guardPort - 1)", "/capture/\(try lab.leader())", "PUT", "/capture/x"],
        ]
        let programs = [
            try Attacked("sink", sink.id), try Attacked("writer", writer.id), try Attacked("watch", watch.id),
            try Attacked("guard", try guardID()),
        ]
        let witness = try Witness(lab, targets.map { $0.prefix(3).joined(separator: "=") })
        defer { witness.discard() }
        let ports = targets.map { $0.joined(separator: "=") }
        for kind in Self.attackKinds {
            let before = try side.progress()
            let outcomes = try attack([kind], seconds: kind.seconds, ports)
            for (name, outcome) in outcomes { expect(outcome, of: kind, name) }
            try await lab.until("the load goes on under \(kind.name)", within: .seconds(3)) {
                try side.progress() > before
            }
        }
        let before = try side.progress()
        _ = try attack(Self.attackKinds, seconds: 8, ports)
        try await lab.until("the load goes on under all of them", within: .seconds(3)) {
            try side.progress() > before
        }

        let witnessed = try witness.end()
        expect(witnessed, leader: try lab.leader())
        try await expectRecovery(programs)
        for program in [writer, watch] {
            #expect(try await program.ends(by: SIGTERM, within: .seconds(30)) == .exit(0), "\(program.text)")
        }
        let verdict = try side.run("reader", "verify", "--sink", side.sink)
        #expect(verdict.firstLine.hasPrefix("PASS"), "\(verdict.output)")
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(30)) == .exit(0), "\(sink.text)")
        #expect(!sink.text.contains("a-token-of-the-attacked-sink"))
    }

    private func expect(_ outcome: AttackOutcome, of kind: AttackKind, _ name: String) {
        #expect(outcome.opened > 0, "\(name)")
        let isSink = name.hasSuffix(" sink")
        let found = Set(outcome.answers.keys)
        if let allowed = isSink ? kind.sinkAnswers ?? kind.answers : kind.answers {
            #expect(found.isSubset(of: allowed), "\(name): \(outcome.answers)")
        } else {
            #expect(found.isDisjoint(with: ["202", "500"]), "\(name): \(outcome.answers)")
        }
        if kind.endsWithHead {
            // The limits' header deadline, and what the attacker needs to notice.
            let limit = name.hasSuffix(" gate") ? 1.0 : 5.0
            #expect(outcome.longest < limit + 1.5, "\(name): \(outcome.longest) s")
        }
    }

    private func expect(_ witnessed: Witnessed, leader: String) {
        for (name, found) in witnessed.asked.sorted(by: { $0.key < $1.key }) {
            print("asked \(name): \(found.asked) times, \(found.answers), slowest \(found.slowest) ms")
            #expect(found.asked > 100, "\(name)")
            #expect(found.failures.isEmpty, "\(name): \(found.failures)")
            #expect(found.late < 3, "\(name): \(found.late) late questions")
            // As long as HAProxy waits.
            if name == "gate" { #expect(found.slowest < 2_000) }
            #expect(found.answers.keys.allSatisfy { $0 == "200" }, "\(name): \(found.answers)")
        }
        guard let server = witnessed.servers[leader] else {
            Issue.record("HAProxy knows no \(leader)")
            return
        }
        print("HAProxy's checks of \(leader): \(server.checks), slowest \(server.slowest) ms")
        #expect(server.states.keys.allSatisfy { $0 == "UP" }, "\(server.states)")
        #expect(server.checks.keys.allSatisfy { $0 == "L7OK" }, "\(server.checks)")
        #expect(server.first == server.last, "failed checks and times down: \(server.first), \(server.last)")
    }
}
