import Formats
import Kafka
import Logs
import Model
import Threading

/// A schema that a record needs and the registry has not given yet.
struct AwaitedSchema {
    let text: RegistryText
    let id: SchemaID
    /// When the registry is asked again; `nil` while it is asked.
    var nextTry: Deadline?
    var backoff = Backoff(cap: .seconds(5))
}

/// How a lane gets the schemas that its records name.
extension Lane {
    /// How long a record's schema is waited for with the record in hand.
    private static let patience = Duration.seconds(3)

    /// Makes sure that a record can be read.
    ///
    /// - Returns: false when its schema is not there yet: the record is let go, and fetched again when it is.
    mutating func hasSchemas(_ message: borrowing Message) throws(SinkError) -> Bool {
        guard !router.texts.needNothing else { return true }
        while let missing = router.texts.missing(message) {
            guard awaitedSchema == nil else {
                isCut = true
                return false
            }
            missing.text.ask(missing.id)
            let end = Deadline.after(Self.patience)
            var progress = missing.text.progress(missing.id)
            while progress == .underWay, !end.hasPassed, !stop.isRequested {
                stop.sleep(.milliseconds(1))
                progress = missing.text.progress(missing.id)
            }
            if progress == .answered { continue }
            var awaited = AwaitedSchema(text: missing.text, id: missing.id)
            if case .away(let reason) = progress {
                try registryIsAway(reason)
                awaited.nextTry = .after(awaited.backoff.next())
            } else {
                try registryIsAway("the registry does not answer")
            }
            awaitedSchema = awaited
            isCut = true
            return false
        }
        return true
    }

    /// Asks again for the schema that is waited for; fetches again when it came.
    mutating func awaitSchema() throws(SinkError) {
        guard var awaited = awaitedSchema else { return }
        if let nextTry = awaited.nextTry {
            guard nextTry.hasPassed else { return }
            awaited.text.ask(awaited.id)
            awaited.nextTry = nil
        }
        switch awaited.text.progress(awaited.id) {
        case .underWay: awaitedSchema = awaited
        case .away(let reason):
            awaited.nextTry = .after(awaited.backoff.next())
            awaitedSchema = awaited
            try registryIsAway(reason)
        case .answered:
            awaitedSchema = nil
            reporter.registryIsBack()
            logger.info("the schema registry is back")
            if pauses.end(.registry), pauses.isEmpty { try fetchAgain() }
        }
    }

    private mutating func registryIsAway(_ reason: String) throws(SinkError) {
        reporter.failed("the schema registry is away: \(reason)", at: [])
        let isNew = pauses.begin(.registry)
        if isNew || nextOutageWarning.hasPassed {
            logger.warning("the schema registry is away; trying again", metadata: ["error": "\(reason)"])
            nextOutageWarning = .after(.seconds(30))
        }
        guard isNew else { return }
        reporter.registryWentAway()
        let places = assignment.offsets.keys
        try kafka { consumer throws(KafkaError) in try consumer.pause(places) }
    }
}
