/// The connections that there are, and what each may still take: decides, closes nothing.
///
/// A connection is known by its descriptor, from when it was accepted until the library is about to close it:
/// nothing else has that number meanwhile. It is *started* once the library says so; before, the library may
/// already have closed it without a word (it does when it lacks memory), so only started ones are shut down.
///
/// Answers are made at once, so whatever a connection's phase is, the server waits for the client: for a question,
/// for the rest of one, or for it to take its answer. Clients in the latter two keep half of the places at most:
/// with all of them, a few that trickle bodies would shut everybody else out until their deadlines.
struct ConnectionTable {
    typealias Instant = ContinuousClock.Instant

    /// What a connection does.
    enum Phase: Equatable {
        /// Sends a head, or has yet to begin.
        case head
        case body
        case answer
        /// Has been answered, and may ask again.
        case idle

        var isWaiting: Bool { self == .head || self == .idle }
    }

    private struct Connection {
        let door: Door
        let peer: PeerAddress
        var phase = Phase.head
        var since: Instant
        /// Until then nobody takes its place: the client may not have had the time to ask.
        let graceEnd: Instant
        /// Bytes that the client had sent when the server began to wait for a question.
        var received: UInt64 = 0
        /// Since when bytes of that question are known to have been read.
        var reading: Reading?
        var isStarted = false
        /// Shut down, and soon closed.
        var isDoomed = false
    }

    /// When bytes of a question were found to have been read.
    private struct Reading {
        let time: Instant
        let turn: UInt64
    }

    private let limits: HTTPLimits
    /// Grows with whatever the library says, which does one thing after the other.
    private var turn: UInt64 = 0
    private var connections: [Int32: Connection] = [:]

    init(_ limits: HTTPLimits) {
        self.limits = limits
    }

    /// Connections that are not about to be closed.
    var count: Int { connections.values.count { !$0.isDoomed } }

    var isEmpty: Bool { connections.isEmpty }

    /// Whether somebody is asking or being answered, as far as is known: heads do not count.
    var isBusy: Bool { connections.values.contains { !$0.isDoomed && !$0.phase.isWaiting } }

    /// Whether the library has to close some before more are accepted.
    ///
    /// It keeps the acceptance in step with the library, so that a client whose question is there is heard before
    /// a flood of newer ones could push it out.
    var isCongested: Bool { connections.values.count(where: \.isDoomed) >= slack }

    /// How many may be about to be closed, beside those that count.
    var slack: Int { max(1, limits.connections / 4) }

    /// Whether one more may be accepted now.
    mutating func isOpen(at now: Instant, _ bytes: ClientBytes) -> Bool {
        !isCongested && opening(at: now, bytes) == nil
    }

    /// When one more may be accepted; `nil` for now.
    ///
    /// All places may be taken by clients that deserve theirs. They have come too recently to have asked, or their
    /// questions are here and the library has yet to read them.
    mutating func opening(at now: Instant, _ bytes: ClientBytes = .none) -> Instant? {
        var needed = count + 1 - max(1, limits.connections)
        guard needed > 0 else { return nil }
        let busy = connections.values.count { !$0.isDoomed && !$0.phase.isWaiting }
        guard busy < busyShare(limits.connections) else { return nil }
        var earliest = now + Self.readingTime
        let waiting = connections.filter { !$0.value.isDoomed && $0.value.phase.isWaiting }
        for descriptor in waiting.keys where !bytes.areUnread(descriptor) {
            if let end = grace(of: descriptor, at: now, bytes) {
                earliest = min(earliest, end)
                continue
            }
            needed -= 1
            if needed == 0 { return nil }
        }
        return earliest
    }

    /// How soon the table is looked at again when it is full of questions that the library has yet to read.
    private static let readingTime = Duration.milliseconds(5)

    /// How long the library has to tell of a question whose bytes it has read.
    ///
    /// It takes microseconds; a busy machine may put the library's thread aside meanwhile.
    private static let tellingTime = Duration.milliseconds(100)

    /// Takes a connection that was just accepted.
    ///
    /// Between `isOpen` and here the client whose place was meant may have asked after all, for the kernel takes
    /// bytes at any time. Then nobody loses a place: there is one connection too many, until a later one costs two.
    ///
    /// - Parameters:
    ///   - silence: for how long the client has sent nothing, not even the end of the handshake.
    ///   - bytes: what the kernel knows of the clients' bytes.
    /// - Returns: which are to be shut down: those that the library has begun with and that lost their places.
    mutating func admit(
        _ descriptor: Int32,
        through door: Door,
        from peer: PeerAddress,
        at now: Instant,
        after silence: Duration = .zero,
        _ bytes: ClientBytes = .none
    ) -> [Int32] {
        // The system gave the number anew: whatever had it is closed.
        connections[descriptor] = nil
        var evicted: [Int32] = []
        let share = max(1, limits.connectionsPerAddress)
        let own = connections.values.count { !$0.isDoomed && $0.peer == peer }
        if peer.isCounted, own >= share,
            let next = next(of: share, at: now, bytes, isUrgent: true, where: { $0.peer == peer })
        {
            evicted += doom(next)
        }
        let places = max(1, limits.connections)
        while count >= places {
            let isUrgent = count >= places + slack
            guard let next = next(of: places, at: now, bytes, isUrgent: isUrgent, where: { _ in true })
            else {
                break
            }
            evicted += doom(next)
        }
        let graceEnd = now - silence + limits.grace
        connections[descriptor] = Connection(door: door, peer: peer, since: now, graceEnd: graceEnd)
        return evicted
    }

    /// The library begins with a connection.
    ///
    /// - Returns: whether it is to be shut down at once: its place was given away meanwhile.
    mutating func start(_ descriptor: Int32) -> Bool {
        turn += 1
        guard let connection = connections[descriptor] else { return true }
        connections[descriptor]?.isStarted = true
        return connection.isDoomed
    }

    /// A connection goes on to a phase, whose deadline begins.
    ///
    /// - Parameter received: bytes that the client has sent so far, where it may ask again.
    mutating func enter(_ phase: Phase, _ descriptor: Int32, at now: Instant, received: UInt64? = nil) {
        turn += 1
        connections[descriptor]?.phase = phase
        connections[descriptor]?.since = now
        switch phase {
        case .head: connections[descriptor]?.reading = Reading(time: now, turn: turn)
        case .idle:
            connections[descriptor]?.reading = nil
            connections[descriptor]?.received = received ?? 0
        case .body, .answer: return
        }
    }

    /// How a connection came in; `.network`, which may do the least, when it is unknown.
    func door(of descriptor: Int32) -> Door { connections[descriptor]?.door ?? .network }

    /// The library is about to close a connection, or never had it.
    mutating func remove(_ descriptor: Int32) {
        turn += 1
        connections[descriptor] = nil
    }

    /// A question that is here is answered, though the library reads it late: it has its phase's time once more.
    ///
    /// - Returns: which are to be shut down, for their time is over.
    mutating func sweep(at now: Instant, _ bytes: ClientBytes = .none) -> [Int32] {
        var due: [Int32] = []
        for (descriptor, connection) in connections {
            let time = time(of: connection.phase)
            guard now >= connection.since + time else { continue }
            let mayBeAwaited = connection.phase.isWaiting && now < connection.since + time * 2
            if !connection.isStarted {
                connections[descriptor] = nil
            } else if !connection.isDoomed, !(mayBeAwaited && bytes.areUnread(descriptor)) {
                connections[descriptor]?.isDoomed = true
                due.append(descriptor)
            }
        }
        return due
    }

    /// Makes place by force, for the system has no descriptor left.
    ///
    /// - Returns: which is to be shut down, if one waits; else none.
    mutating func evictOldestWaiting() -> [Int32] {
        byAge { $0.isStarted && $0.phase.isWaiting }.first.map { doom($0) } ?? []
    }

    /// Ends those that nobody waits for.
    ///
    /// - Returns: which are to be shut down.
    mutating func evictAllWaiting() -> [Int32] {
        connections.filter { !$0.value.isDoomed && $0.value.phase.isWaiting }.keys.flatMap { doom($0) }
    }

    private func time(of phase: Phase) -> Duration {
        switch phase {
        case .head: limits.headerDeadline
        case .body: limits.bodyDeadline
        case .answer: limits.answerDeadline
        case .idle: limits.idleDeadline
        }
    }

    /// Whose place is given away next: that of the client that the server has waited for the longest.
    ///
    /// It is one that has yet to ask, or one that is in the middle of something, where those have half of the places.
    ///
    /// For a question that is here already the client waits for the server: on a busy machine the library may
    /// take longer to read it than a flood takes to fill all places.
    ///
    /// - Parameter isUrgent: takes it from a client that may not have had the time to ask, if there is no other.
    private mutating func next(
        of places: Int,
        at now: Instant,
        _ bytes: ClientBytes,
        isUrgent: Bool,
        where isMeant: (Connection) -> Bool
    ) -> Int32? {
        let busy = byAge { isMeant($0) && !$0.phase.isWaiting }
        if busy.count >= busyShare(places) { return busy.first }
        let waiting = byAge { isMeant($0) && $0.phase.isWaiting }
        var silent: Int32?
        // Each look is a call of the kernel: the first that has had its time ends them.
        for descriptor in waiting where !bytes.areUnread(descriptor) {
            if grace(of: descriptor, at: now, bytes) == nil { return descriptor }
            silent = silent ?? descriptor
        }
        return isUrgent ? silent ?? waiting.first : nil
    }

    /// Until when nobody takes the place of a client of whom nothing is unread; `nil`: it is free to be taken.
    ///
    /// Between the library's reading of a question and its telling so, the question is neither unread nor known. But
    /// the client has sent more than before. Then its place is its own until the library says something, which is of
    /// this question or of another connection: it has gone on to that, and waits for the rest of this one.
    private mutating func grace(of descriptor: Int32, at now: Instant, _ bytes: ClientBytes) -> Instant? {
        guard let connection = connections[descriptor] else { return nil }
        if connection.graceEnd > now { return connection.graceEnd }
        if connection.reading == nil, bytes.received(descriptor).map({ $0 > connection.received }) ?? true {
            connections[descriptor]?.reading = Reading(time: now, turn: turn)
        }
        guard let reading = connections[descriptor]?.reading, reading.turn == turn,
            reading.time + Self.tellingTime > now
        else { return nil }
        return min(reading.time + Self.tellingTime, now + Self.readingTime)
    }

    /// How many of some places those have at most who are in the middle of something.
    private func busyShare(_ places: Int) -> Int { max(1, places / 2) }

    /// Those that are not about to be closed, the longest in their phase first.
    private func byAge(where isMeant: (Connection) -> Bool) -> [Int32] {
        connections.filter { !$0.value.isDoomed && isMeant($0.value) }
            .sorted { ($0.value.since, $0.key) < ($1.value.since, $1.key) }
            .map(\.key)
    }

    /// - Returns: it, if it is to be shut down: one that has not started is when it does.
    private mutating func doom(_ descriptor: Int32) -> [Int32] {
        connections[descriptor]?.isDoomed = true
        return connections[descriptor]?.isStarted == true ? [descriptor] : []
    }
}
