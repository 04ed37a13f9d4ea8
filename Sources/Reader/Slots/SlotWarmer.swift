import Model
package import Postgres

/// Gives cold slots what they wait for: lists of the running transactions in the leader's log.
///
/// A standby decodes what it has of the log, and gets one step nearer with each such list that comes after the
/// transactions of the step before have ended. By itself the leader writes one every 15 s; a slot that is made writes
/// one at once, waits for what it names, and writes the next: just the ones that are wanted, in the shortest time that
/// the transactions allow. So the leader makes a temporary slot, which goes with the session.
package struct SlotWarmer {
    private let leader: ConnectionOptions
    private let plugin: String

    /// How long transactions may hold it up; the slot keeps log and dead rows of the catalog meanwhile.
    private static let patience: Duration = .seconds(30)

    /// - Parameters:
    ///   - leader: who makes the temporary slot.
    ///   - plugin: the plugin of the connector's slot, which the server surely has.
    package init(leader: ConnectionOptions, plugin: String) {
        (self.leader, self.plugin) = (leader, plugin)
    }

    /// One round.
    package func warm() throws(PostgresError) {
        let deadline = Deadline.after(Self.patience + .seconds(5))
        let connection = try Connection.open(leader, pinned: .common, deadline: .after(.seconds(3)))
        // The server itself ends it: a session that waits for a lock does not notice that its client has gone.
        try connection.execute(
            "set statement_timeout = '\(Self.patience.components.seconds)s'",
            deadline: deadline
        )
        var parameters = Parameters()
        parameters.append("handover_warm_\(connection.backendProcessID)")
        parameters.append(plugin)
        try connection.execute(
            "select pg_create_logical_replication_slot($1, $2, true) where not pg_is_in_recovery()",
            parameters,
            deadline: deadline
        )
    }
}
