import Foundation

@testable import Sink

/// Configurations that tests change, written to files and read again.
enum ConfigurationFixture {
    /// What works; each test changes it.
    static let good = [
        "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector", "bootstrap.servers": "b:9092",
        "topics": "t",
        "connection.url": "jdbc:postgresql://h/d", "connection.username": "u",
        "connection.password": "s3cret",
        "insert.mode": "upsert", "primary.key.mode": "record_key",
    ]

    /// The configuration of a file with this text.
    static func read(
        _ text: String,
        as kind: String = "json",
        environment: [String: String] = [:]
    ) throws -> SinkConfiguration {
        let path = NSTemporaryDirectory() + "sink-\(UUID().uuidString).\(kind)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try SinkConfiguration(
            try ConnectorFile(path: path),
            secrets: SecretSource(environment: environment)
        )
    }

    static func read(
        _ changes: [String: String?],
        environment: [String: String] = [:]
    ) throws -> SinkConfiguration {
        var properties = good
        for (property, value) in changes { properties[property] = value }
        let data = try JSONSerialization.data(withJSONObject: ["name": "s", "config": properties])
        return try read(String(decoding: data, as: UTF8.self), environment: environment)
    }

    /// All problems of the changed configuration, one a line.
    static func problems(_ changes: [String: String?], environment: [String: String] = [:]) -> [String] {
        do {
            _ = try read(changes, environment: environment)
            return []
        } catch let error as ConfigurationError {
            return error.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }
}
