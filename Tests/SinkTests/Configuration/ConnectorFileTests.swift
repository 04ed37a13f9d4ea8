import Testing

@testable import Sink

struct ConnectorFileTests {
    private let flat = """
        {"name": "s", "connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector", "bootstrap.servers": "b:1",
         "topics": "t", "connection.url": "jdbc:postgresql://h/d?user=u", "insert.mode": "upsert",
         "pk.mode": "record_key", "batch.size": 7}
        """

    @Test func `a flat object and a properties file are understood`() throws {
        #expect(try ConfigurationFixture.read(flat).limits.recordCount == 7)
        let text = """
            # as connect-standalone takes it
            name=s
            connector.class=io.confluent.connect.jdbc.JdbcSinkConnector
            bootstrap.servers: b:1
            topics=a,\\
                b
            connection.url=jdbc:postgresql://h/d?user=u&password=p
            insert.mode upsert
            pk.mode=record_key
            """
        for kind in ["properties", "txt"] {
            let configuration = try ConfigurationFixture.read(text, as: kind)
            #expect(configuration.name == "s")
            #expect(configuration.topics == ["a", "b"])
            #expect(configuration.bootstrapServers == "b:1")
        }
    }

    @Test(
        arguments: [
            ("{", "json", "file"), ("[]", "json", "file"), ("{\"name\": \"s\"}", "json", "config"),
            ("{\"name\": \"s\", \"config\": 1}", "json", "config"),
            ("{\"name\": \"s\", \"config\": {\"a\": [1]}}", "json", "a"),
            ("{\"name\": \"s\", \"topics\": \"t\", \"config\": {\"a\": 1}}", "json", "topics"),
            ("{\"name\": \"s\", \"config\": {\"name\": \"r\"}}", "json", "name"),
            (
                "{\"name\": \"s\", \"initial_state\": \"PAUSED\", \"config\": {\"a\": 1}}", "json",
                "initial_state"
            ),
            ("{\"name\": \"${env:N}\", \"config\": {\"a\": 1}}", "json", "name"),
            ("topics=t", "properties", "name"), ("name=s\nname=t", "properties", "file"), ("", "txt", "name"),
        ]
    )
    func `a file that is not a connector's is refused by what is wrong`(
        text: String,
        kind: String,
        property: String
    ) {
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationFixture.read(text, as: kind) }
        #expect(error?.problems.contains { $0.property == property } == true)
    }

    @Test func `the answer of GET connectors is understood`() throws {
        let text = "{\"name\": \"s\", \"config\": \(flat), \"tasks\": [{\"task\": 0}], \"type\": \"sink\"}"
        #expect(try ConfigurationFixture.read(text).name == "s")
    }
}
