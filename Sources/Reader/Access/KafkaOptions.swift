package import Commands
import Kafka

/// Where the brokers are, and what they want of a client.
package struct KafkaOptions: Options {
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

    package init() {}

    package func check(_ problems: inout Problems) {
        do throws(ClientFile.Failure) {
            _ = try properties()
        } catch {
            for problem in error.problems { problems.add(problem) }
        }
    }

    /// - Throws: `UsageError` when the file can't be read any more.
    package func brokers() throws(UsageError) -> KafkaBrokers {
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
