import Foundation
import Model
import Postgres
import Testing

extension PipelineTests {
    /// A client that waits no longer closes its connection, and the server does not hear of that by itself while a
    /// statement runs or waits for a lock.
    @Test func `a statement whose client gave up ends on the server, also in front of a lock`() async throws {
        try lab.verb("psql", "destination", "-qc", "create table given_up (id int primary key)")
        try lab.verb("psql", "destination", "-qc", "grant insert on given_up to handover_reader")
        let holder = try session(as: "holder")
        for statement in ["begin", "insert into given_up values (1)"] {
            try holder.execute(statement, deadline: .after(.seconds(10)))
        }
        try giveUp("select pg_sleep(300)")
        try giveUp("insert into given_up values (1)")
        try await lab.until("both statements end", within: .seconds(30)) {
            let count = "select count(*) from pg_stat_activity where application_name = 'given up'"
            return try lab.query("destination", count) == "0"
        }
        // What was given up did nothing when its turn would have come.
        try holder.execute("rollback", deadline: .after(.seconds(10)))
        #expect(try lab.query("destination", "select count(*) from given_up") == "0")
    }

    /// Sends a statement and drops the connection before it can be over.
    private func giveUp(_ statement: String) throws {
        let session = try session(as: "given up")
        let error = #expect(throws: PostgresError.self) {
            try session.execute(statement, deadline: .after(.seconds(1)))
        }
        #expect(error?.code == .timedOut)
    }

    private func session(as name: String) throws -> Connection {
        var options = try ConnectionOptions(try #require(lab.environment["HANDOVER_DESTINATION_URL"]))
        options["passfile"] = lab.environment["PGPASSFILE"]
        return try Connection.open(options.failingFast(as: name), deadline: .after(.seconds(10)))
    }
}
