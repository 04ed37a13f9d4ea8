import ChangeEvents
import Kafka
import Logs
import Model
import Postgres
import Threading

/// Records that the lane goes on without.
extension Lane {
    /// Puts a record that cannot be decoded aside.
    mutating func setAside(_ message: borrowing Message, from slot: Int, _ error: DecodeError) {
        let stage: DeadLetterHeaders.Stage
        let texts = router.texts
        if (try? texts.withKey(message) { Self.isDamaged($0) }) ?? true {
            stage = .keyConverter
        } else {
            stage = (try? texts.withValue(message) { Self.isDamaged($0) }) ?? true ? .valueConverter : .put
        }
        setAside(message, from: slot, error, in: stage)
    }

    /// Puts a record aside whose stage is known.
    mutating func setAside(
        _ message: borrowing Message,
        from slot: Int,
        _ error: DecodeError,
        in stage: DeadLetterHeaders.Stage
    ) {
        let cause = DeadLetterHeaders.Cause(
            stage: stage,
            reason: error.description,
            component: stage == .transformation ? "Sink.TransformChain" : "Sink.RecordDecoder",
            error: "ChangeEvents.DecodeError"
        )
        setAside(message, from: slot, cause)
    }

    mutating func setAside(_ message: borrowing Message, from slot: Int, _ cause: DeadLetterHeaders.Cause) {
        let place = assignment.partitions[slot].place
        let origin = DeadLetter.Origin(place: place, offset: message.offset)
        var record: ProducerRecord?
        var searchStart: Int64 = 0
        if let target = deadLetters?.target(of: place), let topic = configuration.errors.deadLetterTopic {
            let headers = DeadLetterHeaders.make(
                of: origin,
                connector: configuration.name,
                context: topic.hasContextHeaders ? (cause, control.index) : nil
            )
            record = ProducerRecord(
                place: target.place,
                key: message.withKey { $0?.copied },
                value: message.withValue { $0?.copied },
                headers: message.headers + headers,
                timestamp: message.timestamp
            )
            searchStart = target.searchStart
        }
        filling.setAside(
            DeadLetter(
                place: place,
                offset: message.offset,
                reason: cause.reason,
                record: record,
                searchStart: searchStart
            )
        )
    }

    private static func isDamaged(_ text: RawSpan?) -> Bool {
        guard let text else { return false }
        return (try? Payload.range(of: text)) == nil
    }

    /// Says of each record of an applied batch that the destination is without it.
    mutating func reportDeadLetters() {
        guard !applying.deadLetters.isEmpty else { return }
        let hasTopic = deadLetters != nil
        for letter in applying.deadLetters {
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
            deadLetters?.notePending(areUncertain: false)
            statistics.deadLettered(applying.deadLetters.count)
        } else {
            statistics.skipped(applying.deadLetters.count)
        }
    }

    /// Gets the dead-letter topic ready before partitions are taken on, and has their open dead letters looked
    /// for: whoever had the partitions may have crashed.
    mutating func prepareDeadLetters() throws(SinkError) {
        while let isPrepared = deadLetters?.isPrepared, !isPrepared {
            do throws(KafkaError) {
                try deadLetters?.prepare()
            } catch {
                guard error.isTransient else { throw .deadLetters(error) }
                logger.warning("the dead-letter topic is not there yet", metadata: ["error": "\(error)"])
                guard !stop.isRequested else { throw .stopped }
                stop.sleep(.seconds(1))
            }
        }
        deadLetters?.notePending(areUncertain: true)
    }

    /// Sends what waits in `sink_dead_letters`.
    ///
    /// While the brokers do not take it, the lane goes on: the rows keep it safe, and the next turns try again.
    mutating func sendDeadLetters() throws(SinkError) {
        guard let table = configuration.deadLetterTable else { return }
        while let isDue = deadLetters?.isDue, isDue {
            let places = Array(assignment.offsets.keys)
            let letters = try patiently("read sink_dead_letters") {
                connection,
                deadline throws(PostgresError) in
                try table.pending(places, on: connection, deadline: deadline)
            }
            guard !letters.isEmpty else {
                deadLetters?.noteEmpty()
                return
            }
            var delivered: [DeadLetter] = []
            do throws(KafkaError) {
                delivered = try deadLetters?.deliver(letters) ?? []
            } catch {
                deadLetters?.noteFailure()
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
