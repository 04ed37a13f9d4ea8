import Access
import Kafka
import Postgres

/// Why the guard could not look or act; it tries again, and capture waits meanwhile.
struct GuardError: Error, Sendable, CustomStringConvertible {
    enum Part: String, Sendable, CaseIterable {
        case patroni, leader, connect, broker
    }

    var part: Part
    var reason: String
    /// What was asked for does not exist.
    var isMissing: Bool

    init(_ part: Part, _ reason: String, isMissing: Bool = false) {
        (self.part, self.reason, self.isMissing) = (part, reason, isMissing)
    }

    var description: String { "\(part.rawValue): \(reason)" }
}

/// Runs a question to the leader.
func onLeader<R: ~Copyable>(_ ask: () throws(PostgresError) -> R) throws(GuardError) -> R {
    do throws(PostgresError) {
        return try ask()
    } catch {
        // What was refused by this program has its way out in it.
        let isRight = error.code == .server && error.sqlState == .insufficientPrivilege
        let remedy = isRight ? "; sql/roles.sql gives the guard's role all that it needs (docs/roles.md)" : ""
        throw GuardError(.leader, "\(error)\(remedy)")
    }
}

/// Runs a question to the broker.
func onBroker<R>(_ ask: () throws(KafkaError) -> R) throws(GuardError) -> R {
    do throws(KafkaError) { return try ask() } catch { throw GuardError(.broker, error.told) }
}
