/// A connector of Debezium's that reads the lab's source for one test.
struct DebeziumConnector {
    let name: String
    /// The topics' prefix.
    let prefix: String
    let slot: String
    let publication: String
    let tables: String
    var hasSchemas = true
    /// Partitions of topics that it makes.
    var partitionCount = 4
    /// Properties besides, and those that are other ones.
    var more: [String: String] = [:]

    /// What Connect's REST interface takes.
    var document: [String: Any] {
        let converter = "org.apache.kafka.connect.json.JsonConverter"
        let common = [
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
            "database.hostname": "127.0.0.1", "database.port": "${HAPROXY_LEADER}",
            "database.user": "handover_connector",
            "database.password": "${file:${CONNECT_SECRETS}:handover_connector}",
            "database.dbname": "source_db", "topic.prefix": prefix, "plugin.name": "pgoutput",
            "slot.name": slot, "slot.drop.on.stop": "true", "publication.name": publication,
            "publication.autocreate.mode": "disabled", "table.include.list": tables,
            "key.converter": converter, "value.converter": converter,
            "key.converter.schemas.enable": "\(hasSchemas)",
            "value.converter.schemas.enable": "\(hasSchemas)",
            "topic.creation.default.partitions": "\(partitionCount)",
            "topic.creation.default.replication.factor": "1",
        ]
        return ["name": name, "config": common.merging(more) { $1 }]
    }
}
