import Testing

@testable import Guard

extension PipelineTests {
    @Test func `a touched row's event has every large value, of every type, byte by byte as it was`() throws {
        let fixture = try TouchFixture(lab)
        let before = try fixture.hash(of: "kinds")
        // What an ordinary update leaves out: were it nothing, the test would show nothing.
        try fixture.run("update touching.kinds set state = 0")
        #expect(try fixture.missingValueCount() > 25)

        #expect(try fixture.put(right: [("region", "eu"), ("number", "1")], of: "kinds").0 == .touched)
        let events = try fixture.events()
        #expect(events.count == 1)
        #expect(events.first?.contains("unchanged-toast-datum") == false)
        #expect(try fixture.hash(of: "kinds") == before)
    }

    @Test func `a row in a partition, and one with a generated value alone, are touched whole`() throws {
        let fixture = try TouchFixture(lab)
        for table in ["parts", "computed"] {
            let before = try fixture.hash(of: table)
            try fixture.run("update touching.\(table) set state = state where number = 1")
            #expect(try fixture.missingValueCount() == 1)
            #expect(try fixture.put(right: [("number", "1")], of: table).0 == .touched)
            let events = try fixture.events()
            #expect(events.count == 1)
            #expect(events.first?.contains("unchanged-toast-datum") == false)
            #expect(try fixture.hash(of: table) == before)
        }
    }

    @Test func `what is touched runs no trigger, and touches no row of a table that inherits`() throws {
        let fixture = try TouchFixture(lab)
        #expect(try fixture.put(right: [("number", "1")], of: "stamped").0 == .touched)
        #expect(try fixture.run("select sum(changed) from touching.stamped") == "0")
        _ = try fixture.events()
        #expect(try fixture.put(right: [("code", "a")], of: "named").0 == .touched)
        #expect(try fixture.events().count == 1)
    }

    @Test func `a row that is not there is inserted and deleted, so that a delete follows`() throws {
        let fixture = try TouchFixture(lab)
        #expect(try fixture.put(right: [("region", "nowhere"), ("number", "9")], of: "kinds").0 == .deleted)
        #expect(try fixture.events().map { $0.contains("DELETE") } == [false, true])
        #expect(try fixture.run("select count(*) from touching.kinds") == "1")
    }

    @Test func `what a topic says of other tables, other columns or other rows is not written`() throws {
        let fixture = try TouchFixture(lab)
        for (key, table) in [
            ([("number", "1")], "hidden"), ([("number", "1")], "nowhere"), ([("body", "x")], "named"),
            ([("number", "1")], "kinds"), ([("code", "a"), ("number", "1")], "named"),
            // Neither a row that the publication leaves out, nor one that it would leave out.
            ([("number", "1")], "chosen"), ([("number", "7")], "chosen"),
        ] {
            let (outcome, reason) = try fixture.put(right: key, of: table)
            #expect(outcome == .left && reason != nil, "\(table) \(key)")
        }
        #expect(try fixture.put(right: [("number", "1")], of: "named", publication: "none").0 == .left)
        #expect(try fixture.events().isEmpty)
        #expect(try fixture.put(right: [("number", "2")], of: "chosen").0 == .touched)
        #expect(try fixture.events().count == 1)
    }

    @Test func `a key that the server refuses is left with its reason, and the next one is written`() throws {
        let fixture = try TouchFixture(lab)
        for bad in ["five", "99999999999", "1\u{0}"] {
            let (outcome, reason) = try fixture.put(right: [("number", bad)], of: "stamped")
            #expect(outcome == .left)
            #expect(reason?.contains("SQLSTATE 22") == true)
        }
        #expect(try fixture.put(right: [("number", "2")], of: "stamped").0 == .touched)
    }
}
