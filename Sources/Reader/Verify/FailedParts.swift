import Access
import Kafka
import Model
import Postgres

extension PartError {
    /// Names the part whose server did not do what was asked.
    static func wrap<R: ~Copyable>(
        _ part: Part,
        _ body: () throws(PostgresError) -> R
    ) throws(PartError) -> R {
        do throws(PostgresError) {
            return try body()
        } catch {
            throw PartError(part, "\(error)")
        }
    }
}

extension TopicAuditor {
    /// Reads all that is in the topic now.
    mutating func audit(
        andBeyond applied: [Int32: Int64] = [:],
        by deadline: Deadline
    ) throws(PartError) {
        do throws(KafkaError) {
            try readToEnd(andBeyond: applied, by: deadline)
        } catch {
            throw PartError(.broker, error.told)
        }
    }

    /// Reads what comes within the time.
    mutating func follow(for duration: Duration) throws(PartError) {
        do throws(KafkaError) { try read(for: duration) } catch { throw PartError(.broker, error.told) }
    }
}
