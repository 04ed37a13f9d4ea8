import JSONText
public import Model

/// The offsets that Kafka Connect has stored for a Debezium PostgreSQL connector, as its REST interface shows
/// them.
///
/// Everything but the positions is kept as it came, so that the document can be written back.
public struct StoredOffsets: Codable, Sendable, Equatable {
    /// Each marks a place in the log up to which Debezium believes to be done.
    private static let positions = ["lsn", "lsn_proc", "lsn_commit"]
    /// How many events at the position are done (Debezium 3.7 and later): of another position it says nothing.
    private static let eventCount = "lsn_events_processed"

    public struct Entry: Codable, Sendable, Equatable {
        public var partition: [String: JSONValue]
        public var offset: [String: JSONValue]?
    }

    public var offsets: [Entry]

    public init(offsets: [Entry]) {
        self.offsets = offsets
    }

    /// The furthest of all positions; `nil` while none is stored.
    public var furthest: LSN? {
        offsets.flatMap { entry in
            Self.positions.compactMap { name -> LSN? in
                guard case .integer(let value) = entry.offset?[name] else { return nil }
                return LSN(rawValue: UInt64(bitPattern: value))
            }
        }.max()
    }

    /// Whether an incremental snapshot is under way: Debezium keeps what is left of it beside the position.
    public var hasOpenSnapshot: Bool {
        offsets.contains { entry in
            guard case .text(let left) = entry.offset?["incremental_snapshot_collections"] else {
                return false
            }
            return !left.isEmpty && !left.isSame(as: "[]")
        }
    }

    /// What counts for the connector whose `topic.prefix` is `server`.
    ///
    /// Debezium looks for this entry and for no other: one with another prefix, or with more than the prefix, is left
    /// from a former configuration.
    public func of(server: String) -> StoredOffsets {
        StoredOffsets(offsets: offsets.filter { $0.partition == ["server": .text(server)] })
    }

    /// These offsets with every stored position at `lsn`.
    public func moved(to lsn: LSN) -> StoredOffsets { withPositions { _ in lsn } }

    /// These offsets with every position after `lsn` moved back to it.
    public func lowered(to lsn: LSN) -> StoredOffsets { withPositions { min($0, lsn) } }

    /// Changes the positions that are stored; the others stay away.
    private func withPositions(_ change: (LSN) -> LSN) -> StoredOffsets {
        var copy = self
        for index in copy.offsets.indices {
            for name in Self.positions {
                guard case .integer(let value) = copy.offsets[index].offset?[name] else { continue }
                let former = LSN(rawValue: UInt64(bitPattern: value))
                let position = change(former)
                copy.offsets[index].offset?[name] = .integer(Int64(bitPattern: position.rawValue))
                if position != former { copy.offsets[index].offset?[Self.eventCount] = nil }
            }
        }
        return copy
    }
}

extension ConnectClient {
    /// What is stored for a connector (`GET /connectors/NAME/offsets`, Kafka 3.5 and later).
    public func offsets(of connector: String) async throws(ClusterError) -> StoredOffsets {
        try await http.get(Self.path(connector, "offsets"), fromAnyOf: servers, as: StoredOffsets.self)
    }

    /// Replaces what is stored for a connector, which must be stopped (`PATCH /connectors/NAME/offsets`,
    /// Kafka 3.6 and later).
    public func store(_ offsets: StoredOffsets, of connector: String) async throws(ClusterError) {
        let path = Self.path(connector, "offsets")
        let text: String
        do {
            text = try jsonText(offsets)
        } catch {
            throw ClusterError(url: path, reason: "cannot encode the offsets: \(error)")
        }
        try await order("PATCH", path, json: text)
    }

    /// The connector's configuration (`GET /connectors/NAME/config`).
    public func configuration(of connector: String) async throws(ClusterError) -> [String: String] {
        try await http.get(
            Self.path(connector, "config"),
            fromAnyOf: servers,
            as: [String: String?].self
        ).compactMapValues(\.self)
    }

    /// Ends the tasks and keeps the connector, so that its offsets can be replaced (Kafka 3.5 and later).
    ///
    /// It returns before the tasks have ended: the status says when.
    public func stop(_ connector: String) async throws(ClusterError) {
        try await order("PUT", Self.path(connector, "stop"))
    }

    /// Starts a stopped or paused connector.
    public func resume(_ connector: String) async throws(ClusterError) {
        try await order("PUT", Self.path(connector, "resume"))
    }

    /// Ends a task and starts it anew; what the ended one has stored is final when this returns.
    public func restart(task: Int, of connector: String) async throws(ClusterError) {
        try await order("POST", Self.path(connector, "tasks/\(task)/restart"))
    }

    /// Starts what has failed of a connector, itself or its tasks, and nothing else (Kafka 3.0 and later).
    ///
    /// Unlike the restart of a task it takes them out of `FAILED` at once: one that takes its time to start
    /// is not seen as failed meanwhile, and not ended by the next restart.
    public func restartFailed(of connector: String) async throws(ClusterError) {
        try await order("POST", Self.path(connector, "restart?includeTasks=true&onlyFailed=true"))
    }

    /// Asks one worker after the other until one does it: during a rebalance they refuse with 409 or 500.
    private func order(_ method: String, _ path: String, json: String? = nil) async throws(ClusterError) {
        var last = ClusterError(url: path, reason: "no server is configured")
        for server in servers {
            do throws(ClusterError) {
                let answer = try await http.send(method, server + path, json: json)
                if (200..<300).contains(answer.status) { return }
                let reason = String(answer.body.unicodeScalars.prefix(300))
                last = ClusterError(url: server + path, reason: "HTTP status \(answer.status): \(reason)")
            } catch {
                last = error
            }
        }
        throw last
    }
}
