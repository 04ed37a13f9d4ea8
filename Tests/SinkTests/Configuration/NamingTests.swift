import Testing

@testable import Sink

struct NamingTests {
    @Test(
        arguments: [
            ([:], "a_b"),
            (["quote.identifiers": "true"], "A_b"),
            (["quote.sql.identifiers": "ALWAYS"], "A_b"),
            (["sql.quote.identifiers": "false"], "a_b"),
            (["connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector"], "A.b"),
            (["connector.class": "io.aiven.connect.jdbc.JdbcSinkConnector"], "A.b"),
            (
                [
                    "connector.class": "io.aiven.connect.jdbc.JdbcSinkConnector",
                    "table.name.normalize": "true",
                ], "A_b"
            ),
            (
                [
                    "connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector",
                    "quote.sql.identifiers": "never",
                ], "a.b"
            ),
            (
                [
                    "connector.class": "io.aiven.connect.jdbc.JdbcSinkConnector",
                    "sql.quote.identifiers": "false",
                ], "a.b"
            ),
        ] as [([String: String?], String)]
    )
    func `names keep their case as the connector's own default or the file says`(
        changes: [String: String?],
        table: String
    ) throws {
        let configuration = try ConfigurationFixture.read(changes.merging(["pk.fields": "ID"]) { $1 })
        #expect(configuration.tableName(forTopic: "A.b") == table)
        #expect(configuration.modes.keyFields == [table.hasPrefix("A") ? "ID" : "id"])
    }

    @Test func `two properties that contradict each other are refused`() {
        let problems = ConfigurationFixture.problems([
            "quote.identifiers": "true", "quote.sql.identifiers": "never",
        ])
        #expect(
            problems == ["quote.sql.identifiers: contradicts quote.identifiers; one of the two is enough"]
        )
    }

    @Test(
        arguments: [
            ("${topic}", "a_b"), ("copy_${topic}", "copy_a_b"), ("s.${topic}", "s.a_b"),
            ("${source.schema}.${source.table}", "public.orders"),
            ("${source.db}_${source.schema}.${topic}_${source.table}", "shop_public.a_b_orders"),
        ]
    )
    func `a table's name is made of topic and source block`(format: String, expected: String) throws {
        let names = try TableNameFormat(format)
        let values = ["db": "shop", "schema": "public", "table": "Orders"]
        #expect(names.name(topic: "a.b", source: names.sourceFields.map { values[$0] ?? "" }) == expected)
        #expect(names.dependsOnTopicOnly == !format.contains("source"))
    }

    @Test(arguments: [
        "", "a.b.c", "\"a", "\"a.b\"", "${source.}", "${source.a.b}", "${table}", "$topic", "a${topic",
        "${source.a}.b.c",
    ])
    func `a format that makes no table's name is refused`(format: String) {
        #expect(throws: TableNameFormat.Failure.self) { try TableNameFormat(format) }
    }

    @Test(
        arguments: [
            (#""app"."Orders""#, "app.Orders"), (#"App."Orders""#, "app.Orders"), (#""${topic}"_X"#, "A_b_x"),
            ("Shop.public.Orders", "public.orders"), ("Shop.public.\"Orders\"", "public.Orders"),
        ]
    )
    func `quotation marks keep a name's case, and the own database may stand in front`(
        format: String,
        expected: String
    ) throws {
        #expect(try TableNameFormat(format, database: "Shop").name(topic: "A.b") == expected)
        if format.hasPrefix("Shop") {
            #expect(throws: TableNameFormat.Failure.self) { try TableNameFormat(format) }
        }
    }

    @Test(
        arguments: [
            ("orders", "orders"), ("app.orders", "app.orders"), ("shop.app.orders", "app.orders"),
            // With Confluent's sink this is a table of another database, which PostgreSQL refuses.
            ("other.app.orders", "other_app_orders"), ("a.b.c.d", "a_b_c_d"), (".a", "_a"), ("a.", "a_"),
        ]
    )
    func `a topic with a dot is schema and table for Confluent's configuration`(topic: String, table: String)
        throws
    {
        let changes: [String: String?] = [
            "connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector",
            "connection.url": "jdbc:postgresql://h/shop",
        ]
        #expect(try ConfigurationFixture.read(changes).tableName(forTopic: topic) == table)
    }

    @Test func `a normalized topic has nothing but letters, digits and underscores of ASCII`() throws {
        let configuration = try ConfigurationFixture.read([
            "connector.class": "io.aiven.connect.jdbc.JdbcSinkConnector", "table.name.normalize": "true",
            "table.name.format": "s.${topic}",
        ])
        #expect(configuration.tableName(forTopic: "demo5-Cod_and.chips²é") == "s.demo5_Cod_and_chips__")
    }

    @Test func `tables that records name cannot be required at start`() {
        let problems = ConfigurationFixture.problems([
            "collection.name.format": "${source.table}", "schema.evolution": "validate-only",
        ])
        #expect(
            problems.count == 1 && problems[0].hasPrefix("schema.evolution = \"validate-only\": needs tables")
        )
    }
}

struct TopicSelectionTests {
    @Test func `an expression takes the topics that match as a whole, and none of Kafka's own`() throws {
        let selection = try ConfigurationFixture.read([
            "topics": nil, "topics.regex": #"shop\.(a|b+).*|__.*"#,
        ])
        .selection
        let existing = [
            "shop.b2", "shop.a", "my.shop.a", "shop.c", "shopXa", "__consumer_offsets", "__debezium-x",
        ]
        #expect(selection.topics(among: existing) == ["__debezium-x", "shop.a", "shop.b2"])
        #expect(selection.includes("shop.bbb") && !selection.includes("shop.c"))
        #expect(selection.listed.isEmpty)
    }

    @Test(
        arguments: [
            ("shop", "shop", "shop.a"), (#"(?i)SHOP\..*"#, "shop.a", "shop"),
            (#"[a-z&&[^s]].*"#, "hop", "shop"),
            (#"\Qa.b\E"#, "a.b", "axb"), (#"a(?!\.internal).*"#, "a.b", "a.internal"),
            (#"a\.\d++"#, "a.12", "a.x"),
            (#"a.*\b2"#, "a.b.2", "a.b2"),
        ]
    )
    func `the expression is Java's`(pattern: String, match: String, other: String) throws {
        let pattern = try NamePattern(pattern)
        #expect(pattern.matches(match) && !pattern.matches(other))
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "(a+)+b", "(a|aa)+b", "(.*)(.*)(.*)(.*)(.*)(.*)b", "(a*)*b", "((a|b|ab)*)*c", "(?=(a+)+b)a*",
            "(?>(a|aa)+)b",
        ]
    )
    func `a name that an expression tries ever longer is decided at once`(pattern: String) throws {
        let pattern = try NamePattern(pattern)
        let name = String(repeating: "a", count: 249)
        #expect(!pattern.matches(name))
    }

    @Test(arguments: [
        "(a+)+b", "(a|aa)+b", "(.*)(.*)(.*)b", "(a*)*b", "((a|b|ab)*)*b", "(?=(a+)+b)a*b", "(?>a+)b",
        "(?:)*a*b",
    ])
    func `what was tried at one place is tried at the others`(pattern: String) throws {
        let pattern = try NamePattern(pattern)
        #expect(pattern.matches(String(repeating: "a", count: 248) + "b"))
        #expect(!pattern.matches(String(repeating: "a", count: 321) + "b"))
    }

    @Test func `what the engine does not take is refused by name`() {
        for pattern in ["a(", "[", "*", #"(?<=a)b"#, #"\p{javaLowerCase}"#, #"(a)\1"#, "(?:abcdefghij){60}"] {
            let problems = ConfigurationFixture.problems(["topics": nil, "topics.regex": pattern])
            #expect(problems.count == 1, "\(pattern)")
            #expect(problems.first?.hasPrefix("topics.regex = \"\(pattern)\": is no regular") == true)
        }
    }

    @Test func `the dead-letter topic is never among them`() throws {
        let pattern = try NamePattern(".*")
        let selection = TopicSelection.matching(pattern, except: ["dead"])
        #expect(selection.topics(among: ["dead", "a"]) == ["a"])
        let problems = ConfigurationFixture.problems([
            "topics": "a,dead", "errors.deadletterqueue.topic.name": "dead",
        ])
        #expect(problems.contains { $0.contains("\"dead\": is one of topics") })
    }
}

struct FieldFilterTests {
    private func filter(_ changes: [String: String?]) throws -> FieldFilter {
        try ConfigurationFixture.read(changes).fieldFilter
    }

    @Test func `fields are named alone, with their topic, or by an expression`() throws {
        let included = try filter(["field.include.list": "a, orders:b,/x_\\d{1,2}/ ,/orders:y.*/"])
        let passed = { (topic: String) in
            ["a", "A", "b", "c", "x_1", "x_123", "yes", "ax_1"].filter { included.passes($0, of: topic) }
        }
        #expect(passed("orders") == ["a", "A", "b", "x_1", "yes"])
        #expect(passed("other") == ["a", "A", "x_1"])
        let excluded = try filter(["field.exclude.list": "a,orders:b", "quote.identifiers": "true"])
        #expect(["a", "A", "b"].filter { excluded.passes($0, of: "orders") } == ["A"])
        #expect(try filter(["fields.whitelist": " "]).isEmpty)
    }

    @Test func `an expression that is none, and a key that is left out, are refused`() {
        #expect(
            ConfigurationFixture.problems(["field.exclude.list": "/a(/"]).first?
                .hasPrefix("field.exclude.list = \"/a(/\": /a(/ is no regular expression") == true
        )
        #expect(
            ConfigurationFixture.problems(["field.exclude.list": "a,Id", "primary.key.fields": "id"]) == [
                "field.exclude.list = \"a,Id\": id is also in primary.key.fields, and columns of the key are always "
                    + "written"
            ]
        )
    }
}
