import Model

/// Which workers live: those that were heard within the session's time.
///
/// Times are those at which a heartbeat came here, by this machine's own clock: the workers' clocks do not matter.
struct LiveWorkers: Sendable {
    private struct Voice: Sendable {
        let heartbeat: Heartbeat
        let heardAt: UInt64
    }

    private let session: UInt64
    private var voices: [ExactText: Voice] = [:]

    init(session: Duration) { self.session = session.nanoseconds }

    /// Takes a worker's heartbeat; `nil` says that it ends.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    /// - Returns: whether it is one that was not there before, and waits to hear of the others.
    mutating func hear(_ worker: String, _ heartbeat: Heartbeat?, at now: UInt64) -> Bool {
        forgetSilent(at: now)
        let former = voices[ExactText(worker)]
        voices[ExactText(worker)] = heartbeat.map { Voice(heartbeat: $0, heardAt: now) }
        guard let heartbeat else { return false }
        return former?.heartbeat.incarnation != heartbeat.incarnation
    }

    /// The last heartbeat of each worker that lives, by their names.
    func live(at now: UInt64) -> [Heartbeat] {
        voices.values.filter { now < $0.heardAt + session }.map(\.heartbeat)
            .sorted { $0.worker.utf8.lexicographicallyPrecedes($1.worker.utf8) }
    }

    /// Whoever was silent for long is no longer remembered, so that names that come and go do not add up.
    private mutating func forgetSilent(at now: UInt64) {
        voices = voices.filter { now < $0.value.heardAt + session }
    }
}
