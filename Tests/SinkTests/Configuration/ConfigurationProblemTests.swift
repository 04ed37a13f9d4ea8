import Foundation
import Postgres
import Testing

@testable import Sink

struct ConfigurationProblemTests {
    @Test func `each problem names property, value as given and what is allowed`() {
        let found = ConfigurationFixture.problems([
            "insert.mod": "upsert", "batch.size": "0", "topics.regex": "a(", "topics": nil,
            "errors.deadletterqueue.topic.name": "dlq", "quote.sql.identifiers": "SOMETIMES",
            "transforms": "route",
            "transforms.route.type": "org.apache.kafka.connect.transforms.RegexRouter",
            "connection.username": "${env:WHO}",
            "connection.url": "jdbc:postgresql://h:0/d?sslmode=on&readOnly=true",
            "consumer.override.auto.offset.reset": "by_duration:P1D", "max.retries": "3",
        ])
        #expect(
            found == [
                "batch.size = \"0\": must be a number from 1 to 100000",
                "connection.url: a port must be a number from 1 to 65535",
                "connection.url: parameter readOnly must be false: a sink writes",
                "connection.url: parameter sslmode must be one of disable, allow, prefer, require, verify-ca, "
                    + "verify-full",
                "connection.username = \"${env:WHO}\": the environment variable WHO is not set",
                "consumer.override.auto.offset.reset = \"by_duration:P1D\": must be earliest, latest or none; "
                    + "`sink reset --to` takes an offset or a time",
                "errors.deadletterqueue.topic.name = \"dlq\": needs errors.tolerance = all to receive anything",
                "insert.mod: is not a property of this sink; did you mean insert.mode?",
                "quote.sql.identifiers = \"SOMETIMES\": must be always or never",
                "topics.regex = \"a(\": is no regular expression that this version takes: a ( is not closed",
                "transforms.route.regex: is missing: an expression that the topic's whole name matches",
                "transforms.route.replacement: is missing: the new name, with $1 for a group",
            ]
        )
    }

    @Test(
        arguments: [
            (
                ["delete.enabled": "true", "primary.key.mode": nil], "delete.enabled = \"true\"",
                "with primary.key.mode none a delete does not say which row"
            ),
            (
                ["delete.enabled": "true", "primary.key.mode": nil, "pk.mode": "kafka"],
                "delete.enabled = \"true\"",
                "with primary.key.mode kafka a delete does not say which row"
            ),
            (
                ["insert.mode": "update", "primary.key.mode": "none"], "primary.key.mode = \"none\"",
                "insert.mode update finds rows by their key"
            ),
            (
                ["primary.key.mode": "none"], "primary.key.mode = \"none\"",
                "insert.mode upsert finds rows by their key"
            ),
            (["insert.mode": "upsrt"], "insert.mode = \"upsrt\"", "must be"),
            (
                ["field.include.list": "a", "field.exclude.list": "b"], "field.exclude.list = \"b\"",
                "only one of them"
            ),
            (["topics.regex": "a"], "topics.regex = \"a\"", "only one of them"),
            (["delete.mode": "soft"], "delete.mode = \"soft\"", "needs delete.enabled"),
            (
                ["delete.mode": "soft", "delete.enabled": "true"], "delete.soft.column",
                "the column that marks deleted rows"
            ),
            (
                [
                    "delete.mode": "soft", "delete.soft.column": "d", "delete.enabled": "true",
                    "truncate.enabled": "true",
                ],
                "truncate.enabled = \"true\"", "delete.mode soft keeps"
            ),
            (
                [
                    "delete.mode": "soft", "delete.soft.column": "d", "delete.enabled": "true",
                    "insert.mode": "insert",
                ],
                "delete.mode = \"soft\"", "insert.mode upsert or update"
            ),
            (
                [
                    "delete.mode": "soft", "delete.soft.column": "Id", "delete.enabled": "true",
                    "pk.fields": "id",
                ],
                "delete.soft.column = \"Id\"", "also in primary.key.fields"
            ),
            (["delete.soft.column": "d"], "delete.soft.column = \"d\"", "needs delete.mode"),
            (
                ["handle.tombstone": "true", "delete.enabled": "true"], "handle.tombstone = \"true\"",
                "leaves out deletes"
            ),
            (
                ["connection.password.command": "/bin/x"], "connection.password.command",
                "stands beside a password"
            ),
            (
                ["connection.password": nil, "connection.password.command": "x"],
                "connection.password.command",
                "a program's whole path"
            ),
            (
                ["errors.deadletterqueue.topic.name": "q"], "errors.deadletterqueue.topic.name",
                "errors.tolerance"
            ),
        ] as [([String: String?], String, String)]
    )
    func `a trap of the peers is refused`(changes: [String: String?], property: String, reason: String) {
        #expect(
            ConfigurationFixture.problems(changes).contains { $0.hasPrefix(property) && $0.contains(reason) }
        )
    }

    @Test(
        arguments: [
            ("insert.mod", "insert.mode"), ("pk.fileds", "pk.fields"), ("conection.url", "connection.url"),
            ("delete.enable", "delete.enabled"), ("Topics", "topics"), ("tasks.maxx", "tasks.max"),
            ("value.convertor", "value.converter"), ("completely.else", nil), ("x", nil),
        ] as [(String, String?)]
    )
    func `a misspelled name is answered with the nearest`(name: String, nearest: String?) {
        #expect(PropertyCatalog.suggestion(for: name) == nearest)
        #expect(
            ConfigurationFixture.problems([name: "v4lue"]).contains {
                $0.hasPrefix("\(name): is not a property")
            }
        )
        #expect(!ConfigurationFixture.problems([name: "v4lue"]).joined().contains("v4lue"))
    }

    @Test func `a property has one entry in the catalog`() {
        let names = PropertyCatalog.all.flatMap(\.names)
        #expect(Set(names).count == names.count)
    }

    @Test func `what the catalog calls supported is read`() {
        for property in PropertyCatalog.all {
            guard case .supported = property.support else { continue }
            for name in property.names where name != "name" && !name.hasSuffix("*") {
                #expect(
                    !ConfigurationFixture.problems([name: "v"]).contains {
                        $0.hasPrefix("\(name): is not a property")
                    },
                    "\(name)"
                )
            }
        }
    }

    @Test func `a property without effect is noted with the reason`() throws {
        let notes = try ConfigurationFixture.read([
            "connection.pool.max_size": "3", "hibernate.agroal.x": "y", "errors.log.enable": "true",
            "consumer.override.max.poll.records": "9", "topics.to.tables.mapping": "", "table.whitelist": "t",
            "connection.url": "jdbc:postgresql://h/d?reWriteBatchedInserts=true",
        ]).notes
        #expect(
            notes.map(\.property) == [
                "connection.pool.max_size", "connection.url parameter reWriteBatchedInserts",
                "consumer.override.max.poll.records", "errors.log.enable", "hibernate.agroal.x",
                "table.whitelist",
            ]
        )
    }

    @Test func `a secret is used and never shown`() throws {
        let environment = ["PW": "hush-hush", "ROWS": "many-hush"]
        let works = try ConfigurationFixture.read(
            ["connection.password": "${env:PW}"],
            environment: environment
        )
        #expect(works.destination["password"] == "hush-hush")
        let found = ConfigurationFixture.problems(
            [
                "connection.password": "${env:PW}", "batch.size": "${env:ROWS}",
                "connection.user": "${env:PW}",
                "connection.url": "jdbc:postgresql://h/d?password=hush-hush&ssl=hush-hush",
                "consumer.override.sasl.jaas.config": "hush-hush",
            ],
            environment: environment
        )
        #expect(found.contains { $0.hasPrefix("batch.size = \"${env:ROWS}\"") })
        #expect(found.contains { $0.contains("contradicts connection.user = \"${env:PW}\"") })
        #expect(!found.joined().contains("hush-hush") && !found.joined().contains("many-hush"))
    }

    @Test(
        arguments: [
            "value.converter.basic.auth.user.info", "value.converter.schema.registry.url",
            "config.providers.vault.param.token",
            "consumer.override.sasl.jaas.config",
            "consumer.override.ssl.truststore.password", "unknown.thing", "jdbc.credentials.provider.class",
        ]
    )
    func `a refused property that may hold a password is named without its value`(property: String) {
        let found = ConfigurationFixture.problems([property: "hush-hush"])
        #expect(found.map { $0.hasPrefix("\(property): ") } == [true])
        #expect(!found.joined().contains("hush-hush"))
    }

    @Test func `a placeholder without a value is one problem`() {
        #expect(
            ConfigurationFixture.problems(["connection.username": nil, "connection.user": "${env:U}"]) == [
                "connection.user = \"${env:U}\": the environment variable U is not set"
            ]
        )
        #expect(
            ConfigurationFixture.problems(["connection.password": "a${env:U}"]) == [
                "connection.password: the environment variable U is not set"
            ]
        )
    }
}
