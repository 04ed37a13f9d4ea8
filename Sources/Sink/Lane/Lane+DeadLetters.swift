import Kafka
import Logs
import Model
import Postgres
import Threading

/// Records that the lane goes on without.
extension Lane {
    /// Says of each record of an applied batch that the destination is without it.
    mutating func reportDeadLetters() {
        guard !delivery.batch.deadLetters.isEmpty else { return }
        let hasTopic = delivery.deadLetters != nil
        for letter in delivery.batch.deadLetters {
            logger.warning(
                hasTopic
                    ? "a record cannot be applied; it goes to the dead-letter topic"
                    : "a record cannot be applied; skipped",
                metadata: [
                    "topic": "\(letter.place.topic)", "partition": "\(letter.place.partition)",
                    "offset": "\(letter.offset)", "reason": "\(letter.reason)",
                ]
            )
        }
        if hasTopic {
            delivery.deadLetters?.notePending(areUncertain: false)
            statistics.deadLettered(delivery.batch.deadLetters.count)
        } else {
            statistics.skipped(delivery.batch.deadLetters.count)
        }
    }

    /// Gets the dead-letter topic ready before partitions are taken on, and has their open dead letters looked
    /// for: whoever had the partitions may have crashed.
    mutating func prepareDeadLetters() throws(SinkError) {
        while let isPrepared = delivery.deadLetters?.isPrepared, !isPrepared {
            do throws(KafkaError) {
                try delivery.deadLetters?.prepare()
            } catch {
                guard error.isTransient else { throw .deadLetters(error) }
                logger.warning("the dead-letter topic is not there yet", metadata: ["error": "\(error)"])
                guard !stop.isRequested else { throw .stopped }
                stop.sleep(.seconds(1))
            }
        }
        delivery.deadLetters?.notePending(areUncertain: true)
    }

    /// Sends what waits in `sink_dead_letters`.
    ///
    /// While the brokers do not take it, the lane goes on: the rows keep it safe, and the next turns try again.
    mutating func sendDeadLetters() throws(SinkError) {
        guard let table = configuration.deadLetterTable else { return }
        while let isDue = delivery.deadLetters?.isDue, isDue {
            let places = Array(membership.assignment.offsets.keys)
            let letters = try patiently("read sink_dead_letters") {
                connection,
                deadline throws(PostgresError) in
                try table.pending(places, on: connection, deadline: deadline)
            }
            guard !letters.isEmpty else {
                delivery.deadLetters?.noteEmpty()
                return
            }
            var delivered: [DeadLetter] = []
            do throws(KafkaError) {
                delivered = try delivery.deadLetters?.deliver(letters) ?? []
            } catch {
                delivery.deadLetters?.noteFailure()
                guard error.isTransient else { throw .deadLetters(error) }
                logger.warning(
                    "dead letters wait in sink_dead_letters; trying again",
                    metadata: ["count": "\(letters.count)", "error": "\(error)"]
                )
                return
            }
            // The group must be heard of while a search goes on.
            guard !delivered.isEmpty else { return }
            let sent = delivered
            try patiently("delete from sink_dead_letters") { connection, deadline throws(PostgresError) in
                try table.delete(sent, on: connection, deadline: deadline)
            }
        }
    }
}
