import Files

/// A file of client properties, such as Kafka's own tools take by `--command-config`.
///
/// Java's names of TLS and SASL are mapped as `KafkaSecurity` maps them; other properties are librdkafka's.
public struct ClientFile: Sendable {
    /// What is wrong with a file; no value of it is repeated.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// One line for each problem.
        public let problems: [String]

        public var description: String { problems.joined(separator: "\n") }
    }

    /// librdkafka's properties.
    public let properties: [String: String]

    public init(path: String) throws(Failure) {
        let given: [String: String]
        do throws(PropertiesText.Unreadable) {
            given = try PropertiesText(path: path).values
        } catch {
            throw Failure(problems: [error.description])
        }
        try self.init(properties: given, path: path)
    }

    init(properties given: [String: String], path: String) throws(Failure) {
        var given = given
        var problems: [String] = []
        for name in given.keys.sorted() {
            guard let reason = Self.refusal(of: name) else { continue }
            problems.append("\(path): \(name) \(reason)")
            given[name] = nil
        }
        let security = KafkaSecurity(given)
        problems += security.problems.map { "\(path): \($0.name) \($0.reason)" }
        guard problems.isEmpty else { throw Failure(problems: problems) }
        do throws(KafkaError) {
            try ClientProperties.check(security.properties)
        } catch {
            // librdkafka's words quote the value.
            throw Failure(problems: [
                "\(path): librdkafka does not know the \(error.context), or not with that value"
            ])
        }
        properties = security.properties
    }

    private static func refusal(of name: String) -> String? {
        switch name {
        case "bootstrap.servers": "stands in --bootstrap: remove it here"
        case "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset", "group.instance.id":
            "is set by this program: remove it"
        case "key.deserializer", "value.deserializer", "key.serializer", "value.serializer",
            "interceptor.classes", "metric.reporters":
            "names a Java class, and classes cannot be loaded here"
        default: nil
        }
    }
}
