// Longer than other files: it is a table of files and what is said of each.
import Foundation
import Kafka
import Postgres
import Testing

@testable import Sink

/// What a user of the Debezium JDBC sink POSTs to Kafka Connect, plus the brokers.
private let properties = [
    "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector",
    "tasks.max": "2",
    "bootstrap.servers": "127.0.0.1:9092",
    "topics": "source.public.debezium_table, other",
    "connection.url": "jdbc:postgresql://db1:5436/destination_db?sslmode=disable",
    "connection.username": "postgres",
    "connection.password": "s3cret",
    "insert.mode": "upsert",
    "primary.key.mode": "record_key",
    "primary.key.fields": "id",
    "delete.enabled": "true",
    "schema.evolution": "none",
    "batch.size": "1000",
    "key.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter.schemas.enable": "false",
]

private func configuration(
    changing changes: [String: String?] = [:]
) throws -> SinkConfiguration {
    var changed = properties
    for (property, value) in changes { changed[property] = value }
    return try withConnectorFile(["name": "s", "config": changed]) { try SinkConfiguration($0) }
}

private func withConnectorFile<R>(_ document: Any, _ body: (ConnectorFile) throws -> R) throws -> R {
    let path = NSTemporaryDirectory() + "sink-\(UUID().uuidString).json"
    try JSONSerialization.data(withJSONObject: document).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(try ConnectorFile(path: path))
}

struct SinkConfigurationTests {
    @Test func `a Debezium configuration is understood`() throws {
        let configuration = try configuration()
        #expect(configuration.topics == ["source.public.debezium_table", "other"])
        #expect(configuration.laneCount == 2)
        #expect(configuration.limits.recordCount == 1000)
        #expect(configuration.modes.keyFields == ["id"])
        #expect(configuration.modes.deletesRows)
        #expect(configuration.groupID == "connect-s")
        #expect(configuration.destination["port"] == "5436")
        #expect(configuration.destination["password"] == "s3cret")
        #expect(configuration.destination.description == "postgres@db1:5436/destination_db")
    }

    @Test func `a Confluent configuration is understood`() throws {
        let configuration = try configuration(changing: [
            "connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector",
            "connection.username": nil, "connection.user": "alice",
            "primary.key.mode": nil, "pk.mode": "record_key",
            "primary.key.fields": nil, "pk.fields": "id",
            "schema.evolution": nil, "auto.create": "false", "auto.evolve": "false",
            "table.name.format": "copy_${topic}",
        ])
        #expect(configuration.destination["user"] == "alice")
        #expect(configuration.tableName(forTopic: "A.b") == "copy_A.b")
    }

    @Test(
        arguments: [
            ["insert.mode": "upsrt"],
            ["primary.key.mode": "none"], ["primary.key.mode": nil], ["delete.enabled": "yes"],
            ["batch.size": "0"],
            ["batch.size": "many"], ["tasks.max": "-1"], ["topics": nil], ["topics": " "],
            ["bootstrap.servers": nil],
            ["connection.url": nil], ["connection.url": "postgresql://db1/d"],
            ["connection.url": "jdbc:postgresql://db1/d?loglevel=2"],
            ["connection.url": "jdbc:postgresql://db1"],
            ["connection.username": nil], ["schema.evolution": "advanced"], ["errors.tolerance": "some"],
            ["value.converter": "io.confluent.connect.protobuf.ProtobufConverter"],
            ["transforms": "unwrap,unwrap"],
            ["insert.mod": "upsert"], ["pk.mode": "kafka"], ["collection.name.format": "${source.}"],
            ["collection.name.format": "a.b.c"], ["consumer.override.enable.auto.commit": "x"],
            ["connector.class": "io.debezium.connector.mysql.MySqlConnector"],
        ] as [[String: String?]]
    )
    func `a value that is not supported is refused by its property's name`(changes: [String: String?]) throws
    {
        let error = #expect(throws: ConfigurationError.self) { try configuration(changing: changes) }
        let property = try #require(changes.keys.first)
        #expect(error?.problems.contains { $0.property == property || $0.reason.contains(property) } == true)
        #expect(error?.description.contains("s3cret") == false)
    }

    @Test func `modes that are not named are the peers' defaults`() throws {
        let modes = try configuration(changing: [
            "insert.mode": nil, "primary.key.mode": nil, "primary.key.fields": nil, "delete.enabled": nil,
        ]).modes
        #expect(modes.insertMode == .insert && modes.keyMode == .none && !modes.deletesRows)
    }

    @Test func `the key from Kafka has columns of its own, and may name others`() throws {
        let fixed: [String: String?] = [
            "primary.key.mode": "KAFKA", "primary.key.fields": nil, "delete.enabled": nil,
        ]
        #expect(try configuration(changing: fixed).modes.keyFields == KeyMode.kafkaColumns)
        let named = fixed.merging(["primary.key.fields": "a,b,c"]) { $1 }
        #expect(try configuration(changing: named).modes.keyFields == ["a", "b", "c"])
    }

    @Test(
        arguments: [
            (["primary.key.mode": "none", "delete.enabled": "false"], "primary.key.mode"),
            (
                ["primary.key.mode": nil, "insert.mode": "update", "delete.enabled": "false"],
                "primary.key.mode"
            ),
            (["primary.key.mode": nil, "insert.mode": "insert"], "delete.enabled"),
            (["primary.key.mode": "kafka", "primary.key.fields": nil], "delete.enabled"),
            (
                ["primary.key.mode": "kafka", "primary.key.fields": "a", "delete.enabled": "false"],
                "primary.key.fields"
            ),
        ] as [([String: String?], String)]
    )
    func `modes whose statements would have no WHERE are refused`(
        changes: [String: String?],
        property: String
    ) {
        let error = #expect(throws: ConfigurationError.self) { try configuration(changing: changes) }
        #expect(error?.problems.map(\.property) == [property])
    }

    @Test func `all problems are named at once`() {
        let error = #expect(throws: ConfigurationError.self) {
            try configuration(changing: ["insert.mode": "x", "batch.size": "x", "nonsense": "x"])
        }
        #expect(error?.problems.map(\.property) == ["batch.size", "insert.mode", "nonsense"])
    }

    @Test func `consumer overrides reach librdkafka`() throws {
        let configuration = try configuration(changing: ["consumer.override.fetch.min.bytes": "7"])
        #expect(configuration.consumerProperties["fetch.min.bytes"] == "7")
    }

    @Test func `where partitions begin that nobody has read is read, and not passed on`() throws {
        let latest = try configuration(changing: ["consumer.override.auto.offset.reset": "latest"])
        #expect(latest.firstStart == .latest)
        #expect(latest.consumerProperties["auto.offset.reset"] == "error")
        #expect(try configuration().firstStart == .earliest)
    }

    @Test func `each lane is a static member of its own`() throws {
        let one = try configuration(changing: ["consumer.override.group.instance.id": "a", "tasks.max": "1"])
        #expect(one.memberProperties(lane: 0)["group.instance.id"] == "a")
        let two = try configuration(changing: ["consumer.override.group.instance.id": "a", "tasks.max": "2"])
        #expect((0..<2).map { two.memberProperties(lane: $0)["group.instance.id"] } == ["a-0", "a-1"])
    }

    @Test func `a group of KIP-848 is not told what its brokers decide`() throws {
        let properties = try configuration(changing: ["consumer.override.group.protocol": "consumer"])
            .consumerProperties
        for name in ["session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"] {
            #expect(properties[name] == nil)
        }
        _ = try Consumer.open(properties: properties.merging(["bootstrap.servers": "127.0.0.1:1"]) { $1 })
    }

    @Test func `whoever looks without joining uses the group whose rights the sink has`() throws {
        let other = try configuration(changing: ["consumer.override.group.id": "mine"])
        #expect(other.lookingProperties["group.id"] == "mine")
        #expect(try configuration().lookingProperties["group.id"] == "connect-s")
    }

    @Test func `a file that is not a connector's is refused`() {
        for document in [["name": "s"], ["config": [:]], ["name": "", "config": [:]]] as [[String: Any]] {
            #expect(throws: ConfigurationError.self) { try withConnectorFile(document) { $0 } }
        }
        #expect(throws: ConfigurationError.self) { try ConnectorFile(path: "/no/such/file.json") }
    }

    @Test func `numbers and booleans may stand without quotes`() throws {
        let file = try withConnectorFile(["name": "s", "config": ["a": 5, "b": true]] as [String: Any]) { $0 }
        #expect(file.properties == ["a": "5", "b": "true"])
    }
}

struct JDBCURLTests {
    @Test(
        arguments: [
            ("jdbc:postgresql://h/d", ["host": "h", "port": "5432", "dbname": "d"]),
            ("jdbc:postgresql://h1:1,h2:2/d", ["host": "h1,h2", "port": "1,2", "dbname": "d"]),
            ("jdbc:postgresql://[::1]:7/d", ["host": "::1", "port": "7", "dbname": "d"]),
            (
                "jdbc:postgresql://h/my%20db?user=a&password=p%26q&sslmode=require",
                [
                    "host": "h", "port": "5432", "dbname": "my db", "user": "a", "password": "p&q",
                    "sslmode": "require",
                ]
            ),
            (
                "jdbc:postgresql://h/d?currentSchema=a b",
                ["host": "h", "port": "5432", "dbname": "d", "options": "-c search_path=a\\ b"]
            ),
        ]
    )
    func `a URL is what libpq needs`(url: String, options: [String: String]) {
        let parsed = JDBCURL(url)
        #expect(parsed.problems.isEmpty)
        #expect(parsed.options == options)
    }

    @Test(
        arguments: [
            "jdbc:postgresql://h:0/d", "jdbc:postgresql://h:99999/d", "jdbc:postgresql:///d",
            "jdbc:postgresql://h/d%zz", "jdbc:mysql://h/d", "jdbc:postgresql://h/d?socketFactory=x",
        ]
    )
    func `a URL that is wrong or asks for what libpq lacks is refused`(url: String) {
        #expect(!JDBCURL(url).problems.isEmpty)
    }
}

struct JDBCParameterTests {
    @Test(
        arguments: [
            ("ssl=true", ["sslmode": "verify-full"]), ("ssl", ["sslmode": "verify-full"]),
            ("ssl=false", ["sslmode": "prefer"]), ("sslmode=require&ssl=true", ["sslmode": "require"]),
            (
                "sslcert=c&sslkey=k.pem&sslrootcert=r",
                ["sslcert": "c", "sslkey": "k.pem", "sslrootcert": "r"]
            ),
            ("sslpassword=x", ["sslpassword": "x"]),
            ("channelBinding=require", ["channel_binding": "require"]),
            ("gssEncMode=disable", ["gssencmode": "disable"]), ("kerberosServerName=n", ["krbsrvname": "n"]),
            ("ApplicationName=my+app", ["application_name": "my app"]),
            ("password=a%2Bb", ["password": "a+b"]),
            ("targetServerType=primary", ["target_session_attrs": "primary"]),
            ("targetServerType=preferPrimary", ["target_session_attrs": "primary"]),
            ("targetServerType=any", ["target_session_attrs": "any"]),
            (
                "currentSchema=a,b&options=-c%20statement_timeout=9",
                ["options": "-c search_path=a,b -c statement_timeout=9"]
            ),
        ]
    )
    func `a parameter of pgJDBC is libpq's`(parameters: String, options: [String: String]) {
        let parsed = JDBCURL("jdbc:postgresql://h/d?\(parameters)")
        #expect(parsed.problems.isEmpty && parsed.notes.isEmpty)
        #expect(parsed.options.filter { !["host", "port", "dbname"].contains($0.key) } == options)
    }

    @Test(
        arguments: [
            "connectTimeout=3", "socketTimeout=0", "tcpKeepAlive=true", "reWriteBatchedInserts=true",
            "prepareThreshold=0", "stringtype=varchar", "loadBalanceHosts=false", "readOnly=false",
            "sslfactory=org.postgresql.ssl.LibPQFactory", "defaultRowFetchSize=7",
        ]
    )
    func `a parameter that tunes pgJDBC only is noted`(parameter: String) {
        let parsed = JDBCURL("jdbc:postgresql://h/d?\(parameter)")
        #expect(parsed.problems.isEmpty && parsed.options.count == 3)
        #expect(
            parsed.notes.map(\.property) == ["connection.url parameter \(parameter.prefix { $0 != "=" })"]
        )
    }

    @Test(
        arguments: [
            "ssl=yes", "sslmode=on", "sslfactory=org.postgresql.ssl.NonValidatingFactory", "sslkey=k.p12",
            "sslNegotiation=direct", "sslhostnameverifier=x", "targetServerType=secondary",
            "targetServerType=preferSecondary", "loadBalanceHosts=true", "readOnly=true", "tcpKeepAlive=1",
            "socketFactory=x", "authenticationPluginClassName=x", "protocolVersion=2", "gssEncMode=allow",
            "channelBinding=x", "requireAuth=scram-sha-256", "localSocketAddress=x", "nonsense=1", "user=%zz",
        ]
    )
    func `a parameter that has an effect which is not here is refused by name`(parameter: String) {
        let problems = JDBCURL("jdbc:postgresql://h/d?\(parameter)").problems
        #expect(problems.count == 1)
        #expect(problems.first?.reason.hasPrefix("parameter \(parameter.prefix { $0 != "=" }) ") == true)
    }

    @Test func `all that is wrong with a URL is named at once`() {
        #expect(JDBCURL("jdbc:postgresql://h:0,:2?ssl=x&y=1").problems.count == 5)
    }
}

struct ConsumerOverrideTests {
    @Test func `properties of the Java consumer are translated, noted or refused`() {
        #expect(ConsumerOverride("fetch.max.wait.ms") == .passed("fetch.wait.max.ms"))
        #expect(ConsumerOverride("security.protocol") == .passed("security.protocol"))
        #expect(ConsumerOverride("group.id") == .passed("group.id"))
        for name in [
            "enable.auto.commit", "auto.offset.reset", "enable.partition.eof", "bootstrap.servers",
            "key.deserializer",
        ] {
            guard case .refused = ConsumerOverride(name) else {
                Issue.record("\(name) is not refused")
                continue
            }
        }
    }
}
