import Glibc
import Shared

/// What the guard was told, and what it has read in the connector's configuration.
struct GuardSettings: Sendable {
    /// What becomes of a gap.
    enum OnGap: String, Sendable, CaseIterable {
        /// Capture waits until a person decides.
        case hold
        /// The tables are read again by an incremental snapshot, and capture goes on.
        case snapshot
    }

    /// The steps behind which a test may let the guard die.
    enum Step: String, Sendable, CaseIterable {
        case settled, stopping, stopped, rewound, cleared, resumed, repairing
    }

    var source: ConnectionOptions
    var bootstrap: String
    var patroni: [String]
    var connect: [String]
    var connector: String
    var onGap = OnGap.hold
    var isDryRun = false
    /// From one look to the next.
    var poll: Duration = .milliseconds(500)
    /// The longest time for which HAProxy may believe an old answer.
    var checkInterval: Duration = .seconds(1)
    /// Where a test wants the guard to die.
    var diesAfter: Step?

    /// Ends this process like `kill -9`, if a test asked for it behind this step.
    func pass(_ step: Step) {
        if diesAfter == step { kill(getpid(), SIGKILL) }
    }
}

/// What the connector's own configuration says.
struct ConnectorFacts: Sendable, Equatable {
    var slot: String
    var plugin: String
    var prefix: String
    var publication: String
    /// The table that takes signals; `nil` where none is configured.
    var signals: String?

    /// - Throws: `GuardError` for a connector of another kind.
    init(_ configuration: [String: String]) throws(GuardError) {
        let kind = configuration["connector.class"] ?? ""
        guard kind.hasSuffix("PostgresConnector") else {
            throw GuardError(.connect, "the connector is a \(kind), not Debezium's PostgreSQL connector")
        }
        guard let prefix = configuration["topic.prefix"] else {
            throw GuardError(.connect, "the connector's configuration has no topic.prefix")
        }
        self.prefix = prefix
        // Debezium's own defaults.
        slot = configuration["slot.name"] ?? "debezium"
        plugin = configuration["plugin.name"] ?? "decoderbufs"
        publication = configuration["publication.name"] ?? "dbz_publication"
        signals = configuration["signal.data.collection"]
    }
}
