import Kafka
import Model
import Testing

@testable import Sink

/// What becomes of records on their way into a batch, without brokers and without a server.
struct IntakeTests {
    @Test func `a table is asked for once, and records of all partitions are taken`() throws {
        var fixture = try IntakeFixture()
        fixture.offer(0, key: "1", value: IntakeFixture.create(1, 10))
        fixture.offer(1, key: "2", value: IntakeFixture.create(2, 20))
        fixture.offer(0, key: "3", value: IntakeFixture.create(3, 30), in: 1)
        #expect(fixture.needs == ["t"])
        #expect(fixture.reached == [0: 2, 1: 1] && fixture.intake.filling.recordCount == 3)
        #expect(fixture.assignment.partitions.map(\.fetched) == [2, 1])
        #expect(fixture.intake.barrier == nil)
    }

    @Test func `a record that was taken before is not taken again`() throws {
        var fixture = try IntakeFixture()
        for _ in 0..<2 { fixture.offer(0, key: "1", value: IntakeFixture.create(1, 10)) }
        #expect(fixture.intake.filling.recordCount == 1)
    }

    @Test func `a record of a partition that was given up is not taken`() throws {
        var fixture = try IntakeFixture()
        fixture.offer(0, key: "1", value: IntakeFixture.create(1, 10))
        fixture.assignment.remove([TopicPartition(topic: "t", partition: 0)])
        fixture.offer(1, key: "1", value: IntakeFixture.create(1, 11))
        #expect(fixture.reached == [0: 1])
    }

    @Test func `a record that came before its partition was moved back is not taken`() throws {
        var fixture = try IntakeFixture()
        fixture.offer(0, key: "1", value: IntakeFixture.create(1, 10))
        let fetched = fixture.assignment.fetched(0)
        fixture.intake.forget()
        fixture.assignment.rewind()
        #expect(!fixture.intake.admits(1, at: 0, fetched: fetched, fixture.assignment))
        #expect(fixture.intake.admits(0, at: 0, fetched: 0, fixture.assignment))
    }

    @Test func `a record that cannot be decoded stops the lane in front of it`() throws {
        var fixture = try IntakeFixture()
        fixture.offer(0, key: "1", value: IntakeFixture.create(1, 10))
        fixture.offer(1, key: "2", value: "{")
        fixture.offer(2, key: "3", value: IntakeFixture.create(3, 10))
        fixture.offer(0, key: "4", value: IntakeFixture.create(4, 10), in: 1)
        #expect(fixture.reached == [0: 1], "what came before is applied, and nothing after it is taken")
        guard case .record(.record(let place, 1, _, _))? = fixture.intake.barrier else {
            Issue.record("the barrier is \(String(describing: fixture.intake.barrier))")
            return
        }
        #expect(place == TopicPartition(topic: "t", partition: 0) && !fixture.intake.hasRoom)
    }

    @Test func `with tolerance it goes aside, and the partition goes on`() throws {
        var fixture = try IntakeFixture(["errors.tolerance": "all"])
        fixture.offer(0, key: "1", value: "{")
        fixture.offer(1, key: "2", value: IntakeFixture.create(2, 10))
        #expect(fixture.intake.filling.deadLetters.map(\.offset) == [0] && fixture.reached == [0: 2])
        #expect(fixture.refusals.count == 1 && fixture.intake.barrier == nil)
    }

    @Test func `a table that is not there stops the lane, and with evolution is made`() throws {
        let missing = Result<TableSchema, SinkError>.failure(.missingTable("t"))
        var fixture = try IntakeFixture()
        fixture.offer(0, key: "1", value: IntakeFixture.create(1, 10), description: missing)
        guard case .record(.missingTable)? = fixture.intake.barrier else {
            Issue.record("the barrier is \(String(describing: fixture.intake.barrier))")
            return
        }

        var evolving = try IntakeFixture(["schema.evolution": "basic"])
        let value = #"""
            {"schema":{"type":"struct","fields":[
            {"field":"after","type":"struct","optional":true,"fields":[
            {"field":"id","type":"int64","optional":false},{"field":"v","type":"int64","optional":true}]},
            {"field":"op","type":"string"}]},
            "payload":{"before":null,"after":{"id":1,"v":2},"op":"c"}}
            """#
        let key = #"""
            {"schema":{"type":"struct","fields":[{"field":"id","type":"int64","optional":false}]},"payload":{"id":1}}
            """#
        evolving.offer(0, key: key, value: value, description: missing)
        guard case .change(let change)? = evolving.intake.barrier else {
            Issue.record("the barrier is \(String(describing: evolving.intake.barrier))")
            return
        }
        #expect(change.table == "t" && change.statement?.hasPrefix("create table") == true)
        #expect(evolving.intake.filling.isEmpty)
    }

    @Test func `a tombstone for a table that is not there is passed`() throws {
        var fixture = try IntakeFixture(["schema.evolution": "basic"])
        fixture.offer(0, key: "1", value: nil, description: .failure(.missingTable("t")))
        #expect(fixture.intake.barrier == nil && fixture.needs == ["t"])
    }

    @Test func `the delete of a key change is held, with its tombstone, until the create comes`() throws {
        var fixture = try IntakeFixture()
        fixture.offer(0, key: "5", value: IntakeFixture.create(5, 10))
        fixture.intake.filling.order.movesKeys = [0]
        let new = RecordHeader("__debezium.newkey", Array(#"{"id":2}"#.utf8))
        let old = RecordHeader("__debezium.oldkey", Array(#"{"id":1}"#.utf8))
        fixture.offer(1, key: "1", value: IntakeFixture.delete(1), headers: [new])
        fixture.offer(2, key: "1", value: nil)
        #expect(fixture.reached == [0: 1] && !fixture.intake.heldDeletes.isEmpty)
        #expect(fixture.assignment.fetched(0) == 1, "the progress stays in front of the delete")
        fixture.offer(3, key: "2", value: IntakeFixture.create(2, 10), headers: [old])
        #expect(fixture.reached == [0: 4] && fixture.intake.heldDeletes.isEmpty)
    }

    @Test func `another record than the create lets the delete go, in front of it`() throws {
        var fixture = try IntakeFixture()
        fixture.offer(0, key: "5", value: IntakeFixture.create(5, 10))
        fixture.intake.filling.order.movesKeys = [0]
        let new = RecordHeader("__debezium.newkey", Array(#"{"id":2}"#.utf8))
        fixture.offer(1, key: "1", value: IntakeFixture.delete(1), headers: [new])
        fixture.offer(2, key: "7", value: IntakeFixture.create(7, 10))
        #expect(fixture.reached == [0: 3] && fixture.intake.filling.recordCount == 3)
    }

    @Test func `the strongest barrier stays`() throws {
        var fixture = try IntakeFixture()
        fixture.intake.raise(.cut)
        fixture.intake.raise(.change(TableChange(table: "t")))
        fixture.intake.raise(.cut)
        guard case .change? = fixture.intake.barrier else { fatalError("a cut hid a change") }
        fixture.intake.raise(.record(.stopped))
        fixture.intake.raise(.change(TableChange(table: "t")))
        guard case .record? = fixture.intake.barrier else { fatalError("a change hid a record") }
        fixture.intake.forget()
        #expect(fixture.intake.barrier == nil && fixture.intake.isEmpty)
    }
}
