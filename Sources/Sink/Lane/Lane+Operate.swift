import Logging
import Shared

/// What a lane does for its operator: pauses, and tells how it is.
extension Lane {
    /// Carries out what was ordered since the last batch.
    ///
    /// A paused lane stays in the group and keeps its partitions.
    mutating func obeyOrders() throws(SinkError) {
        if control.isPauseOrdered {
            guard pauses.begin(.person) else { return }
            let places = assignment.offsets.keys
            try kafka { consumer throws(KafkaError) in try consumer.pause(places) }
            publish(.paused)
            logger.notice("paused")
        } else if pauses.end(.person) {
            if pauses.isEmpty { try fetchAgain() }
            publish(.running)
            logger.notice("resumed")
        }
    }

    /// A turn of a paused lane: the group hears of it, and nothing is applied.
    mutating func standStill() throws(SinkError) {
        // What was on its way when the pause began is kept for later.
        if let message = try poll(100) { try take(message) }
        askForEnd()
        tell()
    }

    func fetchAgain() throws(SinkError) {
        let places = assignment.offsets.keys
        try kafka { consumer throws(KafkaError) in try consumer.resume(places) }
    }

    /// Publishes the lane's view when it is time.
    ///
    /// - Parameter hasBatch: whether a batch is about to be sent, which may take long.
    mutating func tell(hasBatch: Bool = false) {
        guard reporter.isDue(hasBatch: hasBatch) else { return }
        publish(pauses.contains(.person) ? .paused : .running)
    }

    mutating func publish(_ phase: LaneView.Phase) {
        var reporter = reporter
        defer { self.reporter = reporter }
        control.publish(reporter.view(phase, assignment) { consumer.fetchedEnd(of: $0) })
    }

    /// Asks where a partition ends while no fetch tells it: lag must grow in a pause, too.
    mutating func askForEnd() {
        guard !pauses.isEmpty || reporter.brokersAwaySince != nil,
            let place = reporter.partitionToAsk(assignment)
        else { return }
        do throws(KafkaError) {
            let marks = try consumer.watermarks(of: place, timeoutMilliseconds: 500)
            reporter.found(end: marks.high, of: place)
            reporter.brokersAnswer()
        } catch {
            reporter.noteBrokers(error)
        }
    }
}
