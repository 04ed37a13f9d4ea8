/// What becomes of a record that cannot be decoded or applied: the `errors.*` properties.
struct ErrorPolicy: Sendable {
    /// Whether the sink goes on without such a record.
    enum Tolerance: String, CaseIterable, Sendable { case none, all }

    /// Where such records go.
    struct DeadLetterTopic: Sendable {
        let name: String
        /// Copies of each record, when this sink makes the topic.
        let replicationFactor: Int
        /// Whether a dead letter says why, besides where it comes from.
        let hasContextHeaders: Bool
    }

    /// Whether the sink goes on without the record; otherwise it stops in front of it.
    var toleratesRecords = false
    /// `nil` when such records are only logged and counted.
    var deadLetterTopic: DeadLetterTopic?

    init() {}

    /// Takes the properties.
    ///
    /// - Parameter topics: what the sink reads: a dead letter among it would come back for ever.
    init(_ reader: inout PropertyReader, topics: [String]) {
        toleratesRecords = reader.read(PropertyCatalog.tolerance) == .all
        let topic = PropertyCatalog.deadLetterTopic
        let name = (reader.read(topic) ?? "").trimmed
        let factor = reader.read(PropertyCatalog.deadLetterReplicas)
        let hasContextHeaders = reader.read(PropertyCatalog.deadLetterHeaders)
        guard !name.isEmpty else { return }
        if topics.contains(name) {
            reader.add(topic, name, "is one of topics; dead letters need a topic of their own")
        }
        // Kafka: "Legal characters are [a-zA-Z0-9._-]", at most 249 of them.
        let isLegal = name.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                return true
            default: return false
            }
        }
        if !isLegal || name.utf8.count > 249 || name == "." || name == ".." {
            reader.add(topic, name, "is no name of a topic: letters, digits, dots, underscores and hyphens")
        }
        deadLetterTopic = DeadLetterTopic(
            name: name,
            replicationFactor: factor,
            hasContextHeaders: hasContextHeaders
        )
    }
}
