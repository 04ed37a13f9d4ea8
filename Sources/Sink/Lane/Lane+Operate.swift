import Kafka
import Logs
import Model

/// What a lane does for its operator: pauses, and tells how it is.
extension Lane {
    /// Carries out what was ordered since the last batch.
    ///
    /// A paused lane stays in the group and keeps its partitions.
    mutating func obeyOrders() throws(SinkError) {
        if control.isPauseOrdered {
            guard try membership.pause(.person) else { return }
            publish(.paused)
            logger.notice("paused")
        } else if try membership.resume(.person) {
            publish(.running)
            logger.notice("resumed")
        }
    }

    /// A turn of a paused lane: the group hears of it, and nothing is applied.
    mutating func standStill() throws(SinkError) {
        // What was on its way when the pause began is kept for later.
        if let message = try poll(100) { try takeLate(message) }
        askForEnds()
        tell()
    }

    /// Publishes the lane's view when it is time.
    ///
    /// - Parameter hasBatch: whether a batch is about to be sent, which may take long.
    mutating func tell(hasBatch: Bool = false) {
        guard reporter.isDue(hasBatch: hasBatch) else { return }
        publish(membership.pauses.contains(.person) ? .paused : .running)
    }

    mutating func publish(_ phase: LaneView.Phase) {
        var reporter = reporter
        defer { self.reporter = reporter }
        control.publish(
            reporter.view(phase, membership.assignment, leaders: membership.leaders) {
                membership.consumer.fetchedEnd(of: $0)
            }
        )
    }

    /// Asks the leaders where the partitions end, and takes their answers: lag must grow in a pause, too, and a leader
    /// that is cut off must show.
    ///
    /// Nothing is waited for.
    mutating func askForEnds() {
        if let answers = membership.consumer.takeEnds() {
            let now = Moment.now()
            for (place, answer) in answers {
                switch answer {
                case .success(let end):
                    delivery.deadLetters?.noteEnd(end.offset, of: place)
                    guard membership.assignment.has(place) else { continue }
                    membership.leaders.answered(place, end: end.offset, at: now)
                    reporter.found(end: end.offset, of: place)
                    reporter.brokersAnswer()
                case .failure(let error):
                    guard membership.assignment.has(place) else { continue }
                    membership.leaders.failed(place, error, at: now)
                }
            }
        }
        membership.askEnds(delivery.deadLetters?.places ?? [])
    }
}
