/// What the connector's own configuration says.
struct ConnectorFacts: Sendable, Equatable {
    var slot: String
    var plugin: String
    var prefix: String
    var publication: String
    /// The table that takes signals; `nil` where none is configured.
    var signals: String?
    /// A slot that the connector makes is one that standbys keep as well (PostgreSQL 17 and later).
    var isFailoverSlot: Bool

    /// - Parameter isSlotAdvanceAllowed: whether a connector that moves its slot forward by itself is accepted.
    /// - Throws: `GuardError` for a connector of another kind, and for one that the guard can't protect.
    init(_ configuration: [String: String], isSlotAdvanceAllowed: Bool = false) throws(GuardError) {
        let kind = configuration["connector.class"] ?? ""
        guard kind.ends(with: "PostgresConnector") else {
            throw GuardError(.connect, "the connector is a \(kind), not Debezium's PostgreSQL connector")
        }
        guard let prefix = configuration["topic.prefix"] else {
            throw GuardError(.connect, "the connector's configuration has no topic.prefix")
        }
        if !isSlotAdvanceAllowed, let advance = SlotAdvance(configuration) {
            throw GuardError(.connect, advance.objection)
        }
        self.prefix = prefix
        // Debezium's own defaults.
        slot = configuration["slot.name"] ?? "debezium"
        plugin = configuration["plugin.name"] ?? "decoderbufs"
        publication = configuration["publication.name"] ?? "dbz_publication"
        signals = configuration["signal.data.collection"]
        isFailoverSlot = configuration["slot.failover"] == "true"
    }
}
