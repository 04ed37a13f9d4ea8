import Foundation
import Testing

@testable import Sink

/// A configuration as its documentation has it, property by property.
private struct Example: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let properties: [String: String]

    init(_ place: String, _ properties: [String: String]) {
        (testDescription, self.properties) = (place, properties)
    }
}

private let debezium = "io.debezium.connector.jdbc.JdbcSinkConnector"
private let confluent = "io.confluent.connect.jdbc.JdbcSinkConnector"
private let aiven = "io.aiven.connect.jdbc.JdbcSinkConnector"
private let avro = "io.confluent.connect.avro.AvroConverter"
private let json = "org.apache.kafka.connect.json.JsonConverter"

/// The examples for PostgreSQL in what Debezium, Confluent and Aiven publish run unchanged.
///
/// Names of hosts and databases are filled in, and the brokers, which the worker has in Kafka Connect. docs/migration.md lists
/// them.
struct DocumentedExamplesTests {
    private static let examples = [
        Example(
            "Debezium, documentation of the JDBC sink",
            [
                "connector.class": debezium, "tasks.max": "1",
                "connection.url": "jdbc:postgresql://localhost/db",
                "connection.username": "pguser", "connection.password": "pgpassword", "insert.mode": "upsert",
                "delete.enabled": "true", "primary.key.mode": "record_key", "schema.evolution": "basic",
                "use.time.zone": "UTC", "topics": "orders",
            ]
        ),
        Example(
            "Debezium, earlier documentation of the JDBC sink",
            [
                "connector.class": debezium, "tasks.max": "1",
                "connection.url": "jdbc:postgresql://localhost/db",
                "connection.username": "pguser", "connection.password": "pgpassword", "insert.mode": "upsert",
                "delete.enabled": "true", "primary.key.mode": "record_key", "schema.evolution": "basic",
                "database.time_zone": "UTC", "topics": "orders",
            ]
        ),
        Example(
            "debezium-examples, unwrap-smt",
            [
                "connector.class": confluent, "tasks.max": "1", "topics": "customers",
                "connection.url":
                    "jdbc:postgresql://postgres:5432/inventory?user=postgresuser&password=postgrespw",
                "transforms": "unwrap",
                "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
                "transforms.unwrap.drop.tombstones": "false", "auto.create": "true", "insert.mode": "upsert",
                "delete.enabled": "true", "pk.fields": "id", "pk.mode": "record_key",
            ]
        ),
        Example(
            "debezium-examples, postgres-toast",
            [
                "connector.class": confluent, "tasks.max": "1", "topics": "dbserver1.inventory.customers",
                "table.name.format": "customers",
                "connection.url":
                    "jdbc:postgresql://sink-db:5432/sinkdb?currentSchema=inventorysink&user=postgresusersink&password=pw",
                "transforms": "unwrap",
                "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
                "transforms.unwrap.drop.tombstones": "false", "auto.create": "false", "insert.mode": "upsert",
                "delete.enabled": "true", "pk.fields": "id", "pk.mode": "record_key",
            ]
        ),
        Example(
            "debezium-examples, end-to-end-demo",
            [
                "connector.class": confluent, "tasks.max": "1", "topics": "dbserver1_inventory_Hike",
                "connection.url":
                    "jdbc:postgresql://postgres:5432/inventory?user=postgresuser&password=postgrespw",
                "transforms": "unwrap", "transforms.unwrap.type": "io.debezium.transforms.UnwrapFromEnvelope",
                "auto.create": "true", "insert.mode": "upsert", "pk.fields": "id", "pk.mode": "record_value",
            ]
        ),
        Example(
            "debezium-examples, milvus-to-pgvector",
            [
                "connector.class": debezium, "tasks.max": "1", "topics": "milvus.default.products",
                "connection.url": "jdbc:postgresql://postgres:5432/postgres",
                "connection.username": "postgres",
                "connection.password": "postgres", "insert.mode": "upsert", "primary.key.mode": "record_key",
                "primary.key.fields": "pk", "delete.enabled": "true", "schema.evolution": "basic",
                "collection.name.format": "products",
            ]
        ),
        Example(
            "debezium-examples, openlineage, its properties in a JDBC sink",
            [
                "connector.class": debezium, "topics": "inventory.inventory.products",
                "connection.url": "jdbc:postgresql://h/d", "connection.username": "u",
                "openlineage.integration.enabled": "true",
                "openlineage.integration.config.file.path": "/kafka/openlineage.yml",
                "openlineage.integration.job.description": "products",
                "openlineage.integration.tags": "env=prod",
                "openlineage.integration.owners": "Mario=maintainer",
                "openlineage.integration.dataset.kafka.bootstrap.servers": "kafka:9092",
            ]
        ),
        Example(
            "StreamNative, Debezium's JDBC sink",
            [
                "connector.class": debezium, "tasks.max": "1",
                "connection.url": "jdbc:postgresql://hostname:5432/db",
                "connection.user": "user", "connection.password": "password", "insert.mode": "upsert",
                "delete.enabled": "true", "primary.key.mode": "record_key", "schema.evolution": "basic",
                "use.time.zone": "UTC", "topics": "orders",
            ]
        ),
        Example(
            "Confluent, quick start, for PostgreSQL",
            [
                "connector.class": confluent, "tasks.max": "1", "topics": "orders",
                "connection.url": "jdbc:postgresql://h/d?user=u", "auto.create": "true",
            ]
        ),
        Example(
            "Confluent, configuration reference: a driver's parameter",
            [
                "connector.class": confluent, "topics": "orders", "connection.url": "jdbc:postgresql://h/d",
                "connection.user": "u", "connection.loginTimeout": "10",
                "dialect.name": "PostgreSqlDatabaseDialect",
                "jdbc.credentials.provider.class":
                    "io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider",
            ]
        ),
        Example(
            "Aiven, the connector's own page",
            [
                "key.converter": json, "value.converter": json, "value.converter.schemas.enable": "true",
                "connector.class": aiven,
                "connection.url":
                    "jdbc:postgresql://localhost:5432/kafkaconnect?user=postgres&password=mysecretpassword",
                "topics": "messages", "insert.mode": "insert",
            ]
        ),
        Example(
            "Aiven, documentation of the service: Avro with a registry",
            [
                "connector.class": aiven, "topics": "TOPIC_LIST",
                "connection.url": "jdbc:postgresql://HOST:5432/DB_NAME?sslmode=require",
                "connection.user": "DB_USERNAME", "connection.password": "DB_PASSWORD", "tasks.max": "1",
                "auto.create": "true", "auto.evolve": "true", "insert.mode": "upsert",
                "delete.enabled": "true",
                "pk.mode": "record_key", "pk.fields": "field1,field2",
                "key.converter": avro, "key.converter.schema.registry.url": "https://APACHE_KAFKA_HOST:12345",
                "key.converter.basic.auth.credentials.source": "USER_INFO",
                "key.converter.schema.registry.basic.auth.user.info": "USER:PASSWORD",
                "value.converter": avro,
                "value.converter.schema.registry.url": "https://APACHE_KAFKA_HOST:12345",
                "value.converter.basic.auth.credentials.source": "USER_INFO",
                "value.converter.schema.registry.basic.auth.user.info": "USER:PASSWORD",
            ]
        ),
        Example(
            "Aiven, documentation of the service: JSON with schemas",
            [
                "connector.class": aiven, "topics": "iot_measurements",
                "connection.url": "jdbc:postgresql://DB_HOST:5432/DB_NAME?sslmode=require",
                "connection.user": "DB_USERNAME", "connection.password": "DB_PASSWORD", "tasks.max": "1",
                "auto.create": "true", "auto.evolve": "true", "insert.mode": "upsert",
                "delete.enabled": "false",
                "pk.mode": "record_value", "pk.fields": "iot_id", "value.converter": json,
            ]
        ),
        Example(
            "Aiven, a tutorial with table.name.normalize",
            [
                "connector.class": aiven, "topics": "demo5-cod-and-chips", "table.name.normalize": "true",
                "connection.url": "jdbc:postgresql://DB_HOST:5432/DB_NAME?sslmode=require",
                "connection.user": "DB_USERNAME", "connection.password": "DB_PASSWORD", "tasks.max": "1",
                "auto.create": "false", "auto.evolve": "false", "insert.mode": "insert",
                "delete.enabled": "false",
                "pk.mode": "record_value", "pk.fields": "order_time", "value.converter": json,
            ]
        ),
    ]

    @Test(arguments: examples)
    private func `a documented example for PostgreSQL runs as it is`(example: Example) throws {
        var properties = example.properties
        properties["bootstrap.servers"] = "kafka:9092"
        let data = try JSONSerialization.data(withJSONObject: ["name": "example", "config": properties])
        let configuration = try ConfigurationFixture.read(String(decoding: data, as: UTF8.self))
        #expect(configuration.topics.count == 1)
    }

    @Test func `a table of Aiven's tutorial has the name that its text says`() throws {
        let example = try #require(Self.examples.last)
        let configuration = try ConfigurationFixture.read(
            example.properties.mapValues { Optional($0) }.merging([
                "connection.username": nil, "primary.key.mode": nil,
            ]) { $1 }
        )
        #expect(configuration.tableName(forTopic: "demo5-cod-and-chips") == "demo5_cod_and_chips")
    }

    @Test func `a provider of secrets that is not there is named, without the place of the secret`() {
        let problems = ConfigurationFixture.problems([
            "connection.password": "${vault:path/to/secret:password}"
        ])
        #expect(
            problems == [
                "connection.password: there is no provider vault; ${env:NAME} and ${file:PATH:KEY} are known"
            ]
        )
    }
}
