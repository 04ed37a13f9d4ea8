import Postgres
import Testing

@testable import Sink

/// What a file has from its life in Kafka Connect: ignored there, and here.
@Suite struct LeftoversTests {
    private static let json = "org.apache.kafka.connect.json.JsonConverter"

    @Test(
        arguments: [
            ["task.max": "4"], ["poll.interval.ms": "5"], ["connector.plugin.version": "3.1.1.Final"],
            ["key.converter.plugin.version": "4.3.1"], ["value.converter.plugin.version": "[4.0,)"],
            ["internal.key.converter": json], ["internal.value.converter.schemas.enable": "false"],
            ["openlineage.integration.enabled": "true"], ["openlineage.integration.job.tags": "a=b"],
            ["value.converter": json, "value.converter.schema.registry.url": "http://registry:8081"],
            ["key.converter": json, "key.converter.basic.auth.user.info": "user:s3cret"],
            ["connection.prepareThreshold": "0"],
        ] as [[String: String?]]
    )
    func `what Connect ignores is named, and no problem`(changes: [String: String?]) throws {
        let configuration = try ConfigurationFixture.read(changes)
        let expected = changes.keys.filter { !$0.hasSuffix("converter") || $0.hasPrefix("internal") }
        #expect(configuration.notes.map(\.property) == expected)
        #expect(!configuration.notes.map(\.description).joined().contains("s3cret"))
        #expect(configuration.laneCount == 1)
    }

    @Test func `a registry beside a converter that is not named is no leftover`() {
        // The worker's converter may be one that needs it.
        let problems = ConfigurationFixture.problems(["value.converter.schema.registry.url": "http://r"])
        #expect(problems.count == 1)
    }

    @Test(arguments: ["multi", "MULTI"])
    func `Aiven's multi is insert`(mode: String) throws {
        #expect(try ConfigurationFixture.read(["insert.mode": mode]).modes.insertMode == .insert)
    }

    /// The parameters beside the URL, the URL's own, and what libpq gets.
    @Test(
        arguments: [
            (["sslmode": "require"], "", ["sslmode": "require"]),
            (["ssl": "true"], "", ["sslmode": "verify-full"]),
            (["ssl": "true", "sslmode": "require"], "", ["sslmode": "require"]),
            (["sslmode": "disable"], "?sslmode=verify-full", ["sslmode": "verify-full"]),
            (["ssl": "false"], "?sslmode=verify-full", ["sslmode": "verify-full"]),
            (["sslmode": "require"], "?ssl=true", ["sslmode": "require"]),
            (["currentSchema": "app"], "", ["options": "-c search_path=app"]),
            (["sslrootcert": "/ca.pem"], "?sslcert=/c.pem", ["sslrootcert": "/ca.pem", "sslcert": "/c.pem"]),
        ] as [([String: String], String, [String: String])]
    )
    func `Confluent hands connection.X to the driver, where the URL does not say it`(
        beside: [String: String],
        url: String,
        expected: [String: String]
    ) throws {
        var changes: [String: String?] = ["connection.url": "jdbc:postgresql://h/d" + url]
        for (name, value) in beside { changes["connection.\(name)"] = value }
        let destination = try ConfigurationFixture.read(changes).destination
        for (keyword, value) in expected { #expect(destination[keyword] == value) }
    }

    @Test func `a driver's parameter that can't be has a problem without its value`() {
        let changes = ["connection.sslmode": "${env:MODE}", "connection.sslmod": "require"]
        #expect(
            ConfigurationFixture.problems(changes, environment: ["MODE": "s3cret"]) == [
                "connection.sslmod: is not a property of this sink",
                "connection.sslmode: must be one of disable, allow, prefer, require, verify-ca, verify-full",
            ]
        )
    }
}
