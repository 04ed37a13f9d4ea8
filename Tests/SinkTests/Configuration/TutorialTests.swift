import Foundation
import Testing

@testable import Sink

/// What the peers' own tutorials register, with `bootstrap.servers` added: what this version does not have is
/// refused by name, and nothing else is.
struct TutorialTests {
    private func problems(_ text: String, as kind: String) throws -> String {
        let path = NSTemporaryDirectory() + "tutorial-\(UUID().uuidString).\(kind)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        do throws(ConfigurationError) {
            _ = try SinkConfiguration(try ConnectorFile(path: path), secrets: SecretSource(environment: [:]))
            return ""
        } catch {
            return error.description.replacing(path, with: "FILE")
        }
    }

    private let debezium = """
        {
          "name": "jdbc-connector",
          "config": {
            "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector",
            "tasks.max": "1",
            "bootstrap.servers": "kafka:9092",
            "connection.url": "jdbc:postgresql://localhost/db",
            "connection.username": "pguser",
            "connection.password": "pgpassword",
            "insert.mode": "upsert",
            "delete.enabled": "true",
            "primary.key.mode": "record_key",
            "schema.evolution": "basic",
            "use.time.zone": "UTC",
            "topics": "orders"
          }
        }
        """

    @Test func `Debezium's example runs as it is`() throws {
        #expect(try problems(debezium, as: "json").isEmpty)
        #expect(try problems(debezium.replacing("\"basic\"", with: "\"none\""), as: "json").isEmpty)
    }

    @Test func `Debezium's unwrap example runs as it is`() throws {
        let text = """
            {
              "name": "jdbc-sink",
              "config": {
                "connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector",
                "tasks.max": "1",
                "bootstrap.servers": "kafka:9092",
                "topics": "customers",
                "connection.url": "jdbc:postgresql://postgres:5432/inventory?user=postgresuser&password=postgrespw",
                "transforms": "unwrap",
                "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
                "transforms.unwrap.drop.tombstones": "false",
                "auto.create": "true",
                "insert.mode": "upsert",
                "delete.enabled": "true",
                "pk.fields": "id",
                "pk.mode": "record_key"
              }
            }
            """
        #expect(try problems(text, as: "json").isEmpty)
        let without = text.replacing("\"auto.create\": \"true\"", with: "\"auto.create\": false")
        #expect(try problems(without, as: "json").isEmpty)
    }

    @Test func `Confluent's quick start is refused for its database only`() throws {
        let text = """
            name=test-sink
            connector.class=io.confluent.connect.jdbc.JdbcSinkConnector
            tasks.max=1
            bootstrap.servers=kafka:9092
            topics=orders
            connection.url=jdbc:sqlite:test.db
            auto.create=true
            """
        #expect(
            try problems(text, as: "properties") == """
                FILE: 2 problems
                  connection.url: must begin with jdbc:postgresql://, as in jdbc:postgresql://host:5432/database
                  connection.username: is missing, and connection.url names no user
                """
        )
    }
}
