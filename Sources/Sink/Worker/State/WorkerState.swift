import Logs

/// All connectors of a group of workers, as the records of its state topic add up.
///
/// A value: each worker makes the same of the same records.
struct WorkerState: Sendable, Equatable {
    /// Connectors that a group may have.
    static let mostConnectors = 1_000

    struct Connector: Sendable, Equatable {
        /// As they were given, placeholders and all.
        let properties: [String: String]
        /// The offset of the record with which the properties became these.
        let revision: Int64
        var target = TargetState.started

        /// How many tasks are wanted, whatever the target is.
        var mostTasks: Int {
            let given = properties["tasks.max"].flatMap { Int($0.trimmed) } ?? 1
            return min(max(given, 1), 64)
        }

        /// Whether these are the properties byte by byte: `==` takes other passwords for the same.
        func hasSame(_ other: [String: String]) -> Bool {
            other.count == properties.count
                && other.allSatisfy { name, value in properties[name].map(value.isSame) ?? false }
        }

        /// How many tasks there are to be.
        var taskCount: Int { target == .stopped ? 0 : mostTasks }
    }

    /// What is to be done once, by whoever hears it.
    enum Event: Equatable {
        case restart(ConnectorName, RestartOrder)
        case level(Logger.Level)
    }

    private(set) var connectors: [ConnectorName: Connector] = [:]
    /// Targets that came before their connectors.
    private var early: [ConnectorName: TargetState] = [:]

    /// Takes the record at an offset.
    @discardableResult
    mutating func apply(_ record: StateRecord, at offset: Int64) -> Event? {
        switch record {
        case .connector(let name, nil):
            connectors[name] = nil
            early[name] = nil
        case .connector(let name, let properties?):
            let former = connectors[name]
            if let former, former.hasSame(properties) { break }
            connectors[name] = Connector(
                properties: properties,
                revision: offset,
                target: former?.target ?? early.removeValue(forKey: name) ?? .started
            )
        case .target(let name, let target):
            if connectors[name] != nil {
                connectors[name]?.target = target ?? .started
            } else {
                early[name] = target
            }
        case .restart(let name, let order): return .restart(name, order)
        case .level(let level): return .level(level)
        }
        return nil
    }

    /// The tasks that there are to be, in order.
    var tasks: [TaskID] {
        connectors.sorted { $0.key < $1.key }.flatMap { name, connector in
            (0..<connector.taskCount).map { TaskID(connector: name, number: $0) }
        }
    }
}
