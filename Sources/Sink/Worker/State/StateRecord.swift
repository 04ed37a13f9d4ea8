import Cluster
import FoundationEssentials
import JSONText
import Logs

/// What is wanted of a connector.
enum TargetState: String, Sendable {
    case started = "STARTED"
    /// Its tasks keep their partitions and apply nothing.
    case paused = "PAUSED"
    /// It has no tasks, and its offsets can be changed.
    case stopped = "STOPPED"
}

/// Which of a connector's tasks are to begin anew.
struct RestartOrder: Equatable, Sendable {
    var includesTasks: Bool
    var onlyFailed: Bool
    /// Only this one; `nil` for all.
    var task: Int?

    /// - Parameter hasFailed: whether the task stopped by an error.
    func covers(_ number: Int, hasFailed: Bool) -> Bool {
        if let task { return task == number }
        // Kafka Connect restarts an object beside the tasks then; here there is none.
        return includesTasks && (hasFailed || !onlyFailed)
    }
}

/// One record of the workers' state, in the form in which Kafka Connect keeps its own (`KafkaConfigBackingStore`).
enum StateRecord: Equatable, Sendable {
    /// A connector's properties as they were given; `nil` deletes it.
    case connector(ConnectorName, [String: String]?)
    /// `nil` forgets it.
    case target(ConnectorName, TargetState?)
    case restart(ConnectorName, RestartOrder)
    case level(Logger.Level)

    /// Reads a record; `nil` for one that is nothing to these workers, or is malformed.
    init?(key: [UInt8], value: [UInt8]?) {
        guard let key = String(validating: key, as: UTF8.self) else { return nil }
        let members: [String: JSONValue]?
        if let value {
            guard let read = try? JSONDecoder().decode([String: JSONValue].self, from: Data(value)) else {
                return nil
            }
            members = read
        } else {
            members = nil
        }
        if let name = key.without(prefix: Self.connectorPrefix) {
            guard let members else {
                self = .connector(ConnectorName(name), nil)
                return
            }
            guard case .object(let properties) = members["properties"] else { return nil }
            self = .connector(ConnectorName(name), properties.compactMapValues(\.propertyText))
        } else if let name = key.without(prefix: Self.targetPrefix) {
            guard let members else {
                self = .target(ConnectorName(name), nil)
                return
            }
            // Versions before 3.5 know no STOPPED, and read the first one.
            guard let text = (members["state.v2"] ?? members["state"])?.propertyText,
                let state = TargetState(rawValue: text)
            else { return nil }
            self = .target(ConnectorName(name), state)
        } else if let name = key.without(prefix: Self.restartPrefix), let members {
            var order = RestartOrder(
                includesTasks: members["include-tasks"] == .bool(true),
                onlyFailed: members["only-failed"] == .bool(true)
            )
            if case .integer(let task) = members["task"] { order.task = Int(clamping: task) }
            self = .restart(ConnectorName(name), order)
        } else if let name = key.without(prefix: Self.levelPrefix), name.isSame(as: "root"),
            let level = members?["level"]?.propertyText.flatMap(Logger.Level.init(connect:))
        {
            self = .level(level)
        } else {
            return nil
        }
    }

    var key: [UInt8] {
        switch self {
        case .connector(let name, _): Array((Self.connectorPrefix + name.text).utf8)
        case .target(let name, _): Array((Self.targetPrefix + name.text).utf8)
        case .restart(let name, _): Array((Self.restartPrefix + name.text).utf8)
        case .level: Array((Self.levelPrefix + "root").utf8)
        }
    }

    /// JSON; `nil` for a tombstone.
    var value: [UInt8]? {
        switch self {
        case .connector(_, nil), .target(_, nil): return nil
        case .connector(_, let properties?):
            return JSONValue.object(["properties": .object(properties.mapValues { .text($0) })]).bytes
        case .target(_, let state?):
            let former = state == .stopped ? TargetState.paused : state
            return JSONValue.object([
                "state": .text(former.rawValue), "state.v2": .text(state.rawValue),
            ]).bytes
        case .restart(_, let order):
            var members: [String: JSONValue] = [
                "include-tasks": .bool(order.includesTasks), "only-failed": .bool(order.onlyFailed),
            ]
            if let task = order.task { members["task"] = .integer(Int64(task)) }
            return JSONValue.object(members).bytes
        case .level(let level): return JSONValue.object(["level": .text(level.connectName)]).bytes
        }
    }

    private static let connectorPrefix = "connector-"
    private static let targetPrefix = "target-state-"
    private static let restartPrefix = "restart-connector-"
    private static let levelPrefix = "logger-cluster-"
}

extension JSONValue {
    /// The document's bytes, with the members of objects in order.
    var bytes: [UInt8] {
        // Numbers are finite: JSON has no others, and none is computed here.
        (try? jsonText(self)).map { Array($0.utf8) } ?? []
    }

    /// A property's value: Kafka Connect takes texts, numbers and booleans, and keeps texts.
    var propertyText: String? {
        switch self {
        case .text(let text): text
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .null, .array, .object: nil
        }
    }
}

extension Logger.Level {
    /// By Log4j's name.
    init?(connect name: String) {
        switch name.uppercasedASCII {
        case "WARN": self = .warning
        case "FATAL", "OFF": self = .critical
        case let name:
            guard let level = Logger.Level(rawValue: name.lowercasedASCII) else { return nil }
            self = level
        }
    }

    /// Log4j's name for it.
    var connectName: String {
        switch self {
        case .trace: "TRACE"
        case .debug: "DEBUG"
        case .info, .notice: "INFO"
        case .warning: "WARN"
        case .error: "ERROR"
        case .critical: "FATAL"
        }
    }
}
