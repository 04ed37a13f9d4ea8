import Foundation
import Testing

/// The lab's brokers, where they are Apache Kafka.
extension Lab {
    /// Whether the lab runs on Apache Kafka, and so with logins and rights besides.
    static let hasKafka: Bool = {
        let environment = ProcessInfo.processInfo.environment
        return environment["KAFKA_HOME"] != nil && environment["LAB_BROKER"] != "embedded"
    }()

    /// The file of a client's properties of one of the brokers' users.
    func kafkaFile(of user: String) throws -> String {
        try #require(environment["HANDOVER_KAFKA_SECURITY"]) + "/\(user).properties"
    }

    /// What a connector has to come by the brokers' login; the password stays in its file.
    func connectorLogin(of user: String) throws -> [String: String] {
        var properties: [String: String] = [:]
        let (servers, file) = (try #require(environment["HANDOVER_KAFKA_LOGIN"]), try kafkaFile(of: user))
        for client in ["producer", "admin", "consumer"] {
            properties["\(client).override.bootstrap.servers"] = servers
            for name in [
                "security.protocol", "sasl.mechanism", "sasl.jaas.config", "ssl.truststore.type",
                "ssl.truststore.location",
            ] {
                properties["\(client).override.\(name)"] = "${file:\(file):\(name)}"
            }
        }
        return properties
    }

    /// The same as a sink's file has it, with where the brokers ask for a login.
    func kafkaLogin(of user: String) throws -> [String: String?] {
        let servers: String = try #require(environment["HANDOVER_KAFKA_LOGIN"])
        var properties: [String: String?] = [
            "bootstrap.servers": servers
        ]
        for line in try String(contentsOfFile: kafkaFile(of: user), encoding: .utf8).split(separator: "\n") {
            let pair = line.split(separator: "=", maxSplits: 1)
            properties["consumer.override.\(pair[0])"] = String(pair[1])
        }
        return properties
    }

    /// Runs a piece of Python with the lab's Kafka client; `brokers`, `topic`, `admin` and
    /// `remake`, which makes the topic anew with the arguments of `NewTopic`, are there; what it prints comes back.
    @discardableResult
    func kafka(_ code: String, topic: String) throws -> String {
        let (python, arguments) = try kafkaCommand(code, topic)
        let result = try Command.run(python, arguments, environment: [:], isQuiet: true)
        try #require(result.code == 0, "\(result.output)")
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Starts such a piece beside the test; the caller ends it.
    func startKafka(_ code: String, topic: String, log: String) throws -> StartedProgram {
        let (python, arguments) = try kafkaCommand(code, topic)
        let path = try folder + "/\(log)-load.log"
        return try StartedProgram("a load of records", python, arguments, environment, log: path)
    }

    private func kafkaCommand(_ code: String, _ topic: String) throws -> (String, [String]) {
        let head = """
            import sys, time
            from confluent_kafka import Consumer, Producer, TopicPartition
            from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic
            brokers, topic = sys.argv[1:]
            admin = AdminClient({"bootstrap.servers": brokers, "log_level": 0})

            def remake(*arguments, **settings):
                [done] = admin.delete_topics([topic]).values()
                done.result(20)
                # The brokers take a moment to forget the old one.
                for attempt in range(50):
                    try:
                        [done] = admin.create_topics([NewTopic(topic, *arguments, **settings)]).values()
                        done.result(20)
                        break
                    except Exception:
                        time.sleep(0.1)

            """
        let brokers = try #require(environment["HANDOVER_BOOTSTRAP"])
        return (
            try #require(environment["LAB_TOOLS"]) + "/venv/bin/python", ["-c", head + code, brokers, topic]
        )
    }
}
