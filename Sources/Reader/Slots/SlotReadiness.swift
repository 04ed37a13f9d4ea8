import Model
import Postgres

/// Whether capture would lose nothing if a node were made the leader now.
package enum SlotReadiness: Sendable, Equatable {
    /// It leads: there is nothing to hand over.
    case leads
    /// Says by what it is known.
    case ready(String)
    /// Says why not; the second text what to do.
    case notReady(String, remedy: String)

    var isReady: Bool {
        if case .notReady = self { false } else { true }
    }

    /// What a node says about its copy of a slot.
    struct Facts: Sendable, Equatable {
        /// A slot as the node shows it.
        struct Slot: Sendable, Equatable {
            var place: SlotPlace?
            var isLost = false
            /// PostgreSQL 17 and later: the server itself keeps it in step with the leader's.
            var isFailover = false
            var isSynced = false
            /// Not ready yet, where the server keeps it in step; gone with a promotion.
            var isTemporary = false
        }

        /// PostgreSQL's own number for its version, such as 150018.
        var version: Int
        var isStandby: Bool
        /// `nil` where the node has no slot of this name.
        var slot: Slot?
    }

    /// - Parameter isFailover: whether the leader's slot is one that PostgreSQL itself keeps in step.
    init(_ node: Facts, slot name: String, isFailover: Bool) {
        guard node.isStandby else {
            self = .leads
            return
        }
        let wait = isFailover ? Self.syncRemedy : Self.copyRemedy
        guard let slot = node.slot else {
            self = .notReady(
                "it has no slot \(name)",
                remedy: isFailover ? Self.syncRemedy : Self.missingRemedy
            )
            return
        }
        if slot.isLost {
            self = .notReady("its slot \(name) has lost the log that it needs", remedy: wait)
        } else if slot.isTemporary {
            self = .notReady("its slot \(name) is not synchronized yet (temporary)", remedy: Self.syncRemedy)
        } else if isFailover, !slot.isSynced {
            self = .notReady(
                "its slot \(name) is not the leader's failover slot (synced is off)",
                remedy: "drop it there, so that PostgreSQL can make it"
            )
        } else if isFailover {
            // PostgreSQL keeps a synchronized slot only where decoding is consistent at its position.
            self = .ready("its failover slot is synchronized")
        } else {
            self = Self.copied(slot, name)
        }
    }

    private static func copied(_ slot: Facts.Slot, _ name: String) -> SlotReadiness {
        guard let place = slot.place else {
            return .notReady("its slot \(name) is being made", remedy: copyRemedy)
        }
        switch place.isSnapshotThere {
        case true: return .ready("its slot has a snapshot of \(place.restart), where decoding would begin")
        case false:
            return .notReady(
                "its slot \(name) is cold: there is no snapshot of \(place.restart), where decoding would begin",
                remedy: copyRemedy
            )
        case nil:
            return .notReady(
                "whether its slot \(name) is cold is not to be seen",
                remedy: "grant pg_monitor to the reader's user (PostgreSQL 15 and later)"
            )
        }
    }

    private static let copyRemedy =
        "wait: it gets one while capture runs, when the transactions that ran at the copy have ended and the next ones too"
    private static let syncRemedy =
        "wait; needed are sync_replication_slots, hot_standby_feedback, primary_slot_name, and dbname in primary_conninfo"
    private static let missingRemedy =
        "wait, if the slot is in Patroni's slots: it copies it; else add it there, or make it a failover slot (17 and later)"
}

extension SlotReadiness.Facts {
    /// Asks a node.
    static func read(
        _ slot: String,
        _ connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> SlotReadiness.Facts {
        var parameters = Parameters()
        parameters.append(slot)
        // One statement for all versions: what an older server's view does not have is null there.
        let answer = try connection.execute(
            """
            select current_setting('server_version_num')::int, pg_is_in_recovery()::int, (s.row is not null)::int,
                (s.row ->> 'wal_status' = 'lost')::int, (s.row ->> 'temporary')::boolean::int,
                (s.row ->> 'failover')::boolean::int, (s.row ->> 'synced')::boolean::int,
                (s.row ->> 'invalidation_reason' is not null)::int
            from (select 1) one left join (
                select to_jsonb(r) as row from pg_catalog.pg_replication_slots r
                where slot_name = $1 and slot_type = 'logical'
            ) s on true
            """,
            parameters,
            deadline: deadline
        )
        var facts = SlotReadiness.Facts(
            version: Int(answer.integer(0, 0) ?? 0),
            isStandby: answer.integer(0, 1) == 1
        )
        guard answer.integer(0, 2) == 1 else { return facts }
        facts.slot = Slot(
            place: try SlotPlace.read(slot, connection, deadline: deadline),
            isLost: answer.integer(0, 3) == 1 || answer.integer(0, 7) == 1,
            isFailover: answer.integer(0, 5) == 1,
            isSynced: answer.integer(0, 6) == 1,
            isTemporary: answer.integer(0, 4) == 1
        )
        return facts
    }
}
