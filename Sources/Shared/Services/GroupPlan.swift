/// What a service group does next: facts in, steps out.
///
/// Whatever happens to a running group begins its end: a signal, a service that ends or fails, a cancelled
/// task. The services are asked in reverse order, each once the one before it has ended; the first error is
/// the group's.
struct GroupPlan {
    enum Fact: Sendable {
        case ended(Int, (any Error)?)
        /// The process got a signal.
        case asked(by: String)
        /// The group's patience is over.
        case overdue
        /// The task that runs the group was cancelled.
        case cancelled
    }

    enum Step: Equatable {
        /// Asks one service to end.
        case ask(Int)
        /// Limits the time from here on.
        case limit
        /// Cancels all tasks.
        case cancel
        case report(String)
    }

    /// The services by their places: what they are called, and whether the group ends with them.
    let members: [(name: String, endsGroup: Bool)]
    /// What the group throws at its end.
    private(set) var failure: (any Error)?
    private var running: Set<Int>
    private var asked: Int?
    private var (isEnding, isCancelled) = (false, false)

    init(_ members: [(name: String, endsGroup: Bool)]) {
        self.members = members
        running = Set(members.indices)
    }

    var isOver: Bool { running.isEmpty }

    mutating func take(_ fact: Fact) -> [Step] {
        var steps: [Step] = []
        switch fact {
        case .ended(let place, let error?):
            running.remove(place)
            if failure == nil {
                failure = error
            } else if !(error is CancellationError) {
                steps.append(.report("\(members[place].name) failed too: \(error)"))
            }
        case .ended(let place, nil):
            running.remove(place)
            if !isEnding, !members[place].endsGroup {
                failure = ServiceGroupError.endedUnexpectedly(service: members[place].name)
            }
        case .asked(let signal):
            steps.append(.report("asked to end by \(signal)"))
        case .overdue:
            let late = ServiceGroupError.overdue(services: running.sorted().map { members[$0].name })
            return cancel(late, [.report("\(late)"), .cancel])
        case .cancelled:
            return cancel(CancellationError(), [.cancel])
        }
        if !isEnding {
            isEnding = true
            steps.append(.limit)
        }
        if !isCancelled, let last = running.max(), last != asked {
            asked = last
            steps.append(.ask(last))
        }
        return steps
    }

    private mutating func cancel(_ reason: any Error, _ steps: [Step]) -> [Step] {
        guard !isCancelled else { return [] }
        (isEnding, isCancelled, failure) = (true, true, failure ?? reason)
        return steps
    }
}
