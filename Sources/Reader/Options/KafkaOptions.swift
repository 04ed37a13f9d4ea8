import Commands
import Shared

/// Where the brokers are, and what they want of a client.
struct KafkaOptions: Options {
    @Option(environment: "HANDOVER_BOOTSTRAP", help: "Kafka's bootstrap servers.")
    var bootstrap: String

    @Option(
        environment: "HANDOVER_KAFKA_PROPERTIES",
        help: "File of client properties for TLS and SASL, as Kafka's tools take it by --command-config.",
        details:
            "Java's names are mapped as for the sink. A group.id in it is the group as which the brokers are asked.",
        valueName: "file",
        absence: "none"
    )
    var kafkaProperties: String?

    func check(_ problems: inout Problems) {
        do throws(ClientFile.Failure) {
            _ = try properties()
        } catch {
            for problem in error.problems { problems.add(problem) }
        }
    }

    /// - Throws: `UsageError` when the file can't be read any more.
    func brokers() throws(UsageError) -> KafkaBrokers {
        do throws(ClientFile.Failure) {
            return KafkaBrokers(servers: bootstrap, properties: try properties())
        } catch {
            throw UsageError("\(error)")
        }
    }

    private func properties() throws(ClientFile.Failure) -> [String: String] {
        guard let kafkaProperties else { return [:] }
        return try ClientFile(path: kafkaProperties).properties
    }
}

/// The brokers, and how each client of this program reaches them.
struct KafkaBrokers: Sendable, Equatable {
    /// `host:port` with commas between them.
    var servers: String
    /// librdkafka's properties of TLS, SASL and the like.
    var properties: [String: String] = [:]

    /// The properties of one client.
    ///
    /// - Parameter own: what the client needs; it wins but for the group's name, by which rights may be given.
    func client(_ own: [String: String] = [:]) -> [String: String] {
        var all = properties.merging(own) { _, own in own }
        all["bootstrap.servers"] = servers
        if let group = properties["group.id"] { all["group.id"] = group }
        return all
    }
}
