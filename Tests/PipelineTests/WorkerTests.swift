import Foundation
import Testing

extension PipelineTests {
    @Test
    func `workers share connectors, and any of them answers for all, when one is killed under load too`()
        async throws
    {
        let (connectors, tasks) = (3, 2)
        let fixture = try WorkerFixture(lab, "shared", connectors: connectors, partitionCount: 4)
        let workers = try (0..<3).map { try fixture.start($0) }
        defer { for worker in workers { worker.discard() } }
        for (number, worker) in workers.enumerated() {
            try await worker.says("answers HTTP")
            try await lab.until("worker \(number) is ready", within: .seconds(60)) {
                try await fixture.ask(number, "GET", "/health").status == 200
            }
        }

        // Each worker takes orders, and all know of them at once.
        for number in 0..<connectors {
            let answer = try await fixture.ask(
                number,
                "POST",
                "/connectors",
                try fixture.document(number, tasks: tasks)
            )
            #expect(answer.status == 201, "\(answer.body)")
            let again = try await fixture.ask(
                number,
                "POST",
                "/connectors",
                try fixture.document(number, tasks: tasks)
            )
            #expect(again.status == 409)
        }
        var produced = 0
        func produce(_ count: Int) throws {
            for number in 0..<connectors { try fixture.produce(number, produced..<produced + count) }
            produced += count
        }
        func arrive(_ what: String, _ numbers: some Sequence<Int>) async throws {
            for number in numbers {
                try await lab.until("\(what): \(produced) rows of connector \(number)", within: .seconds(120))
                {
                    try fixture.rows(number).all >= produced
                }
                let rows = try fixture.rows(number)
                #expect(rows.all == produced, "\(what): connector \(number)")
                #expect(rows.different == produced, "\(what): connector \(number)")
            }
        }
        try produce(1_000)
        for number in 0..<connectors { try await fixture.wait(1, number, "RUNNING", tasks: tasks) }
        try await arrive("all run", 0..<connectors)
        var holders: Set<String> = []
        for number in 0..<connectors {
            holders.formUnion(try #require(try await fixture.status(0, number)).tasks.map(\.worker_id))
        }
        #expect(holders == Set((0..<3).map(fixture.workerID)))

        // A pause is ordered at one worker and kept by all.
        let pause = try await fixture.ask(2, "PUT", try fixture.path(0, "/pause"))
        #expect(pause.status == 202)
        try await fixture.wait(0, 0, "PAUSED", tasks: tasks)
        let before = try fixture.rows(0).all
        try produce(1_000)
        try await arrive("one is paused", 1..<connectors)
        #expect(try fixture.rows(0).all == before)

        // One is killed while records come.
        workers[1].send(SIGKILL)
        for _ in 0..<20 { try produce(200) }
        try await lab.until("the killed worker's tasks are elsewhere", within: .seconds(60)) {
            for number in 0..<connectors {
                guard let status = try await fixture.status(0, number), status.tasks.count == tasks else {
                    return false
                }
                if status.tasks.contains(where: { $0.worker_id == fixture.workerID(1) }) { return false }
                if number > 0, status.tasks.contains(where: { $0.state != "RUNNING" }) { return false }
            }
            return true
        }
        #expect(try await fixture.ask(0, "PUT", try fixture.path(0, "/resume")).status == 202)
        try await arrive("one was killed", 0..<connectors)

        // It comes back, and connectors are restarted and deleted meanwhile.
        let second = try fixture.start(1)
        defer { second.discard() }
        let restart = try await fixture.ask(
            2,
            "POST",
            try fixture.path(2, "/restart?includeTasks=true&onlyFailed=false")
        )
        #expect(restart.status == 202, "\(restart.body)")
        try produce(1_000)
        try await second.says("answers HTTP")
        try await arrive("one came back", 0..<connectors)
        #expect(try await fixture.ask(0, "DELETE", try fixture.path(0)).status == 204)
        try await lab.until("the new worker knows what is left", within: .seconds(60)) {
            let list = try await fixture.ask(1, "GET", "/connectors")
            guard list.status == 200 else { return false }
            let names = try JSONDecoder().decode([String].self, from: Data(list.body.utf8))
            return names == [fixture.connector(1), fixture.connector(2)]
        }
        #expect(try await fixture.ask(2, "GET", try fixture.path(0)).status == 404)

        // In order: the others need not wait for the session's end.
        #expect(try await workers[0].ends(by: SIGTERM, within: .seconds(60)) == .exit(0))
        try await fixture.wait(1, 1, "RUNNING", tasks: tasks)
        try produce(500)
        try await arrive("one has ended", 1..<connectors)
    }

    @Test func `a connector that fails says why, restarts, and its offsets move once it is stopped`()
        async throws
    {
        let fixture = try WorkerFixture(lab, "failing", connectors: 2, partitionCount: 2)
        let worker = try fixture.start(3)
        defer { worker.discard() }
        try await worker.says("answers HTTP")
        try await lab.until("the worker is ready", within: .seconds(60)) {
            try await fixture.ask(3, "GET", "/health").status == 200
        }
        let wrong = try fixture.document(0, tasks: 1, ["insert.mode": "sideways", "no.such.property": "1"])
        let refused = try await fixture.ask(3, "POST", "/connectors", wrong)
        #expect(refused.status == 400)
        for part in [
            "contains the following 2 error(s)", "insert.mode", "no.such.property", "\"error_code\":400",
        ] {
            #expect(refused.body.contains(part), "\(refused.body)")
        }

        let missing = try fixture.document(0, tasks: 1, ["collection.name.format": "failing_later"])
        #expect(try await fixture.ask(3, "POST", "/connectors", missing).status == 201)
        #expect(
            try await fixture.ask(3, "POST", "/connectors", try fixture.document(1, tasks: 1)).status == 201
        )
        // Its table is looked up when there is something to write.
        try fixture.produce(0, 0..<100)
        try await fixture.wait(3, 0, "FAILED", tasks: 1)
        #expect(try await fixture.status(3, 0)?.tasks.first?.trace?.contains("failing_later") == true)
        try fixture.produce(1, 0..<100)
        try await lab.until("the other one goes on", within: .seconds(60)) { try fixture.rows(1).all == 100 }

        let table =
            "create table failing_later (like failing_0); grant insert, select on failing_later to handover_sink"
        try lab.verb("psql", "destination", "-qc", table)
        #expect(try await fixture.ask(3, "POST", try fixture.path(0, "/tasks/0/restart")).status == 204)
        try await lab.until("it goes on after a restart", within: .seconds(60)) {
            try lab.query("destination", "select count(*) from failing_later") == "100"
        }

        #expect(try await fixture.ask(3, "DELETE", try fixture.path(1, "/offsets")).status == 400)
        #expect(try await fixture.ask(3, "PUT", try fixture.path(1, "/stop")).status == 204)
        let offsets = try await fixture.ask(3, "GET", try fixture.path(1, "/offsets"))
        #expect(
            offsets.body.contains(
                #"{"offset":{"kafka_offset":50},"partition":{"kafka_partition":1,"kafka_topic":"failing_1"}}"#
            )
        )
        let place: [String: Any] = ["kafka_topic": "failing_1", "kafka_partition": 0]
        let moved = try await fixture.ask(
            3,
            "PATCH",
            try fixture.path(1, "/offsets"),
            ["offsets": [["partition": place, "offset": ["kafka_offset": 40]]]]
        )
        #expect(moved.status == 200, "\(moved.body)")
        #expect(try await fixture.ask(3, "PUT", try fixture.path(1, "/resume")).status == 202)
        try await lab.until("ten records are applied again", within: .seconds(60)) {
            try fixture.rows(1).all == 110
        }
        #expect(try await fixture.ask(3, "PUT", try fixture.path(1, "/stop")).status == 204)
        #expect(try await fixture.ask(3, "DELETE", try fixture.path(1, "/offsets")).status == 200)
        #expect(try await fixture.ask(3, "PUT", try fixture.path(1, "/resume")).status == 202)
        try await lab.until("all is applied again", within: .seconds(60)) { try fixture.rows(1).all == 210 }
        #expect(try await worker.ends(by: SIGTERM, within: .seconds(60)) == .exit(0))
    }
}
