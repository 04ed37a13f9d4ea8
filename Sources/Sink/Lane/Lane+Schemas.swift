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

    /// Gets a schema that a record needs.
    ///
    /// - Returns: false when it is not there yet: the record is let go, and fetched again when it is.
    mutating func getSchema(_ text: RegistryText, _ id: SchemaID) throws(SinkError) -> Bool {
        guard intake.awaitedSchema == nil else {
            intake.raise(.cut)
            return false
        }
        text.ask(id)
        let end = Deadline.after(Self.patience)
        var progress = text.progress(id)
        while progress == .underWay, !end.hasPassed, !stop.isRequested {
            stop.sleep(.milliseconds(1))
            progress = text.progress(id)
        }
        if progress == .answered { return true }
        var awaited = AwaitedSchema(text: text, id: id)
        if case .away(let reason) = progress {
            try registryIsAway(reason)
            awaited.nextTry = .after(awaited.backoff.next())
        } else {
            try registryIsAway("the registry does not answer")
        }
        intake.awaitedSchema = awaited
        intake.raise(.cut)
        return false
    }

    /// Asks again for the schema that is waited for; fetches again when it came.
    mutating func awaitSchema() throws(SinkError) {
        guard var awaited = intake.awaitedSchema else { return }
        if let nextTry = awaited.nextTry {
            guard nextTry.hasPassed else { return }
            awaited.text.ask(awaited.id)
            awaited.nextTry = nil
        }
        switch awaited.text.progress(awaited.id) {
        case .underWay: intake.awaitedSchema = awaited
        case .away(let reason):
            awaited.nextTry = .after(awaited.backoff.next())
            intake.awaitedSchema = awaited
            try registryIsAway(reason)
        case .answered:
            intake.awaitedSchema = nil
            reporter.registryIsBack()
            logger.info("the schema registry is back")
            _ = try membership.resume(.registry)
        }
    }

    private mutating func registryIsAway(_ reason: String) throws(SinkError) {
        reporter.failed("the schema registry is away: \(reason)", at: [])
        let isNew = try membership.pause(.registry)
        if isNew || nextOutageWarning.hasPassed {
            logger.warning("the schema registry is away; trying again", metadata: ["error": "\(reason)"])
            nextOutageWarning = .after(.seconds(30))
        }
        if isNew { reporter.registryWentAway() }
    }
}
