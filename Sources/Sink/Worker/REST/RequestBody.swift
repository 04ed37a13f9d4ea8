import Cluster
import FoundationEssentials
import HTTPServer
import Logs
import Model

/// What clients send, read into what it means.
enum RequestBody {
    /// `POST /connectors`.
    struct Creation: Equatable {
        let name: ConnectorName
        let properties: [String: String]
        let initial: TargetState
    }

    /// - Throws: `RESTRefusal` that says what the body is not.
    static func creation(_ question: HTTPQuestion) throws(RESTRefusal) -> Creation {
        let members = try object(question)
        guard case .object(let config)? = members["config"] else {
            throw RESTRefusal(400, "The body must have config, an object with the connector's properties")
        }
        let properties = try texts(config)
        // As in Kafka Connect: a name beside the properties is not needed where one is among them.
        let outer = try optionalText(members["name"], "name")
        guard let name = outer ?? properties["name"] else {
            throw RESTRefusal(400, "The body must have name")
        }
        try sameName(properties, name)
        let state = try optionalText(members["initial_state"], "initial_state") ?? "RUNNING"
        let states: [String: TargetState] = ["RUNNING": .started, "PAUSED": .paused, "STOPPED": .stopped]
        guard let initial = states[state.uppercasedASCII] else {
            throw RESTRefusal(400, "initial_state must be RUNNING, PAUSED or STOPPED")
        }
        return Creation(name: try ConnectorName(new: name), properties: properties, initial: initial)
    }

    /// `PUT /connectors/NAME/config` and the like: properties of a connector.
    static func properties(_ question: HTTPQuestion, of name: String) throws(RESTRefusal) -> [String: String]
    {
        let properties = try texts(try object(question))
        try sameName(properties, name)
        return properties
    }

    /// `PATCH /connectors/NAME/config`: what changes; `nil` takes a property away.
    static func changes(_ question: HTTPQuestion, of name: String) throws(RESTRefusal) -> [String: String?] {
        let members = try object(question)
        var changes: [String: String?] = [:]
        for (property, value) in members {
            changes[property] = .some(value == .null ? nil : try text(value, property))
        }
        if let given = changes["name"], given?.isSame(as: name) != true {
            throw mismatch(given ?? "null", name)
        }
        return changes
    }

    /// `PUT /connector-plugins/CLASS/config/validate`: anything that can be told to be wrong.
    static func candidate(_ question: HTTPQuestion) throws(RESTRefusal) -> [String: String] {
        try texts(try object(question))
    }

    /// `PATCH /connectors/NAME/offsets`: `nil` begins a partition anew.
    static func offsets(_ question: HTTPQuestion) throws(RESTRefusal) -> [TopicPartition: Int64?] {
        guard case .array(let entries)? = try object(question)["offsets"], !entries.isEmpty else {
            throw RESTRefusal(400, "The offsets to be altered may not be null or empty")
        }
        var offsets: [TopicPartition: Int64?] = [:]
        for entry in entries {
            guard case .object(let members) = entry, case .object(let partition)? = members["partition"]
            else {
                throw RESTRefusal(400, "The partition for a sink connector offset cannot be null or missing")
            }
            guard case .text(let topic)? = partition["kafka_topic"],
                let number = partition["kafka_partition"]?.propertyText.flatMap({ Int32($0) }), number >= 0
            else {
                throw RESTRefusal(
                    400,
                    "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'"
                )
            }
            let place = TopicPartition(topic: topic, partition: number)
            switch members["offset"] {
            case nil, .null?: offsets[place] = .some(nil)
            case .object(let offset)?:
                guard let next = offset["kafka_offset"]?.propertyText.flatMap({ Int64($0) }), next >= 0 else {
                    throw badOffset
                }
                offsets[place] = next
            default: throw badOffset
            }
        }
        return offsets
    }

    /// `PUT /admin/loggers/root`.
    static func level(_ question: HTTPQuestion) throws(RESTRefusal) -> Logger.Level {
        guard let given = try object(question)["level"] else {
            throw RESTRefusal(400, "Desired 'level' parameter was not specified in request.")
        }
        guard case .text(let name) = given, let level = Logger.Level(connect: name) else {
            throw RESTRefusal(404, "invalid log level: give TRACE, DEBUG, INFO, WARN, ERROR or FATAL")
        }
        return level
    }

    // MARK: Parts

    private static let badOffset = RESTRefusal(
        400,
        "The offset for a sink connector should either be null or contain the key 'kafka_offset'"
    )

    private static func object(_ question: HTTPQuestion) throws(RESTRefusal) -> [String: JSONValue] {
        // The decoder's words quote the text, and it may hold a secret.
        guard let read = try? JSONDecoder().decode([String: JSONValue].self, from: Data(question.body)) else {
            throw RESTRefusal(400, "The body is not a JSON object")
        }
        return read
    }

    private static func texts(_ members: [String: JSONValue]) throws(RESTRefusal) -> [String: String] {
        var texts: [String: String] = [:]
        for (property, value) in members { texts[property] = try text(value, property) }
        return texts
    }

    private static func text(_ value: JSONValue, _ property: String) throws(RESTRefusal) -> String {
        guard let text = value.propertyText else {
            throw RESTRefusal(400, "\(property) must be a string, a number or a boolean")
        }
        return text
    }

    private static func optionalText(_ value: JSONValue?, _ member: String) throws(RESTRefusal) -> String? {
        switch value {
        case nil, .null?: return nil
        case .text(let text)?: return text
        default: throw RESTRefusal(400, "\(member) must be a string")
        }
    }

    private static func sameName(_ properties: [String: String], _ name: String) throws(RESTRefusal) {
        if let inner = properties["name"], !inner.isSame(as: name) { throw mismatch(inner, name) }
    }

    private static func mismatch(_ inner: String, _ name: String) -> RESTRefusal {
        RESTRefusal(
            400,
            "Connector name configuration (\(inner)) doesn't match connector name in the URL (\(name))"
        )
    }
}
