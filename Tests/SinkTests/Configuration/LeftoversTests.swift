import Foundation
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
            ["connection.prepareThreshold": "0"], ["connection.useSSL": "false"], ["table.include.list": "t"],
            [
                "consumer.override.partition.assignment.strategy":
                    "org.apache.kafka.clients.consumer.RangeAssignor"
            ],
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

    @Test func `a parameter of MySQL's is passed over, unless somebody relies on its encryption`() throws {
        let url = "jdbc:postgresql://h/d?useSSL=false&serverTimezone=UTC&useUnicode=true"
        #expect(try ConfigurationFixture.read(["connection.url": url]).notes.count == 3)
        #expect(
            ConfigurationFixture.problems(["connection.url": "jdbc:postgresql://h/d?useSSL=true"]) == [
                "connection.url: parameter useSSL is MySQL's, and pgJDBC passes it over: give sslmode=require"
            ]
        )
    }

    @Test func `stringtype in the URL or beside it says that columns read texts`() throws {
        for changes in [
            ["connection.url": "jdbc:postgresql://h/d?stringtype=unspecified"],
            ["connection.stringtype": "UNSPECIFIED"],
        ] as [[String: String?]] {
            #expect(try ConfigurationFixture.read(changes).modes.values.readsTexts)
        }
        let usual = try ConfigurationFixture.read([
            "connection.url": "jdbc:postgresql://h/d?stringtype=varchar"
        ])
        #expect(!usual.modes.values.readsTexts && usual.notes.count == 1)
        #expect(ConfigurationFixture.problems(["connection.stringtype": "x"]).count == 1)
    }

    @Test func `tombstones that Aiven's sink skips are skipped without deletes`() throws {
        #expect(!(try ConfigurationFixture.read(["handle.tombstone": "true"]).modes.deletesRows))
    }
}

/// Where user and password come from besides the file.
struct CredentialsTests {
    private static let provider = "io.confluent.connect.jdbc.util."

    @Test func `Confluent's class for the environment takes user and password from there`() throws {
        let changes: [String: String?] = [
            "jdbc.credentials.provider.class": Self.provider + "EnvVarsJdbcCredentialsProvider",
            "connection.username": nil, "connection.password": nil,
        ]
        let variables = ["CONNECT_JDBC_CONNECTION_USER": "me", "CONNECT_JDBC_CONNECTION_PASSWORD": "s3cret"]
        let destination = try ConfigurationFixture.read(changes, environment: variables).destination
        #expect(destination["user"] == "me" && destination["password"] == "s3cret")
        let missing = ConfigurationFixture.problems(changes)
        #expect(missing.contains { $0.contains("CONNECT_JDBC_CONNECTION_USER is not set") })
    }

    @Test func `Confluent's default class changes nothing, another one is refused with the way out`() throws {
        let usual = Self.provider + "DefaultJdbcCredentialsProvider"
        #expect(
            try ConfigurationFixture.read(["jdbc.credentials.provider.class": usual]).destination["password"]
                == "s3cret"
        )
        for property in ["jdbc.credentials.provider.class", "jdbc.credentials.provider.vault.token"] {
            let problems = ConfigurationFixture.problems([property: "com.example.Vault"])
            #expect(problems.count == 1 && problems[0].contains("connection.password.command"))
            #expect(!problems[0].contains("example"))
        }
    }

    private func run(_ command: String...) throws -> String {
        let data = try JSONSerialization.data(withJSONObject: command)
        return try PasswordCommand(String(decoding: data, as: UTF8.self)).run(patience: .milliseconds(500))
    }

    @Test func `a program's only line is the password`() throws {
        #expect(try PasswordCommand("/bin/echo  pass ").run() == "pass")
        #expect(try run("/bin/echo", "p a$HOME;'") == "p a$HOME;'")
        #expect(try run("/usr/bin/printf", "tail\r\n") == "tail")
        #expect(try run("/bin/sh", "-c", "cat; echo oops >&2; printf x") == "x")
    }

    @Test func `a program without a password is told by what it did, not by what it printed`() {
        for (command, reason) in [
            (["/bin/sh", "-c", "echo s3cret; exit 3"], "ended with exit code 3"),
            (["/bin/sh", "-c", "echo s3cret; kill -9 $$"], "ended with signal 9"),
            (["/bin/true"], "must print one line"),
            (["/usr/bin/printf", "s3cret\ns3cret\n"], "must print one line"),
            (["/usr/bin/printf", "\\377"], "must print one line"),
            (["/bin/sh", "-c", "yes s3cret"], "more than 16384 bytes"),
            (["/bin/sleep", "60"], "did not end within"),
            (["/bin/sh", "-c", "exec >&-; sleep 60"], "did not end within"),
            (["/no/such/program"], "cannot be run"),
            (["/tmp"], "no file that this user may run"),
        ] {
            do {
                let data = try JSONSerialization.data(withJSONObject: command)
                _ = try PasswordCommand(String(decoding: data, as: UTF8.self)).run(
                    patience: .milliseconds(500)
                )
                Issue.record("\(command)")
            } catch {
                #expect("\(error)".contains(reason), "\(command): \(error)")
                #expect(!"\(error)".contains("s3cret"))
            }
        }
    }

    @Test func `what a program started ends with it when it is given up`() throws {
        let path = NSTemporaryDirectory() + "child-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: PasswordCommand.Failure.self) {
            try run("/bin/sh", "-c", "sleep 60 & echo $! > \(path); wait")
        }
        let child = try #require(
            Int32(try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .newlines))
        )
        // It is gone, or waits for somebody to take its status.
        let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
        #expect(state == nil || state?.contains(") Z ") == true)
    }

    @Test func `a program that others may change is not run`() throws {
        let path = NSTemporaryDirectory() + "password-\(UUID().uuidString)"
        try "#!/bin/sh\necho x\n".write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path)
        do {
            _ = try PasswordCommand(path).run()
            Issue.record("it was run")
        } catch {
            #expect(error.reason.contains("may be changed by others"))
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        #expect(try PasswordCommand(path).run() == "x")
    }
}
