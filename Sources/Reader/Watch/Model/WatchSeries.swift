/// The last minutes of a watched pipeline, for pictures.
struct WatchSeries: Codable, Sendable, Equatable {
    /// What one interval adds to a picture; lags in microseconds.
    struct Point: Codable, Sendable, Equatable {
        /// Microseconds since 1970.
        var wall: Int64
        var state: PipelineState
        var endToEnd: UInt64?
        var capture: UInt64?
        var apply: UInt64?
        var queue: Int64?
        var bytes: Int64?
        var slot: Int64?
        var applied: Double?
        var captured: Double?
        var divergent: Int

        init(_ snapshot: WatchSnapshot) {
            (wall, state) = (snapshot.span.wall, snapshot.condition.state)
            endToEnd = snapshot.stages.endToEnd.stage.current
            (capture, apply) = (snapshot.stages.capture.current, snapshot.stages.apply.current)
            (queue, bytes, slot) = (
                snapshot.backlog.queueRecords, snapshot.backlog.sourceBytes, snapshot.flow.slot?.retainedBytes
            )
            (applied, captured) = (snapshot.flow.rates.applied, snapshot.flow.rates.captured)
            divergent = snapshot.rows.divergence.total
        }
    }

    /// A time during which the leader was the same.
    struct Reign: Codable, Sendable, Equatable {
        /// `nil` while nobody leads.
        var leader: WatchSnapshot.Leader?
        /// Microseconds since 1970.
        var from: Int64
        var through: Int64
    }

    /// A fault or a repair that the history names.
    struct Fault: Codable, Sendable, Equatable {
        var text: String
        /// Microseconds since 1970.
        var from: Int64
        /// Absent while it lasts.
        var through: Int64?
    }

    /// Points that are kept: ten minutes of seconds.
    static let capacity = 600
    static let faultCapacity = 50

    private(set) var points: [Point] = []
    private(set) var reigns: [Reign] = []
    private(set) var faults: [Fault] = []

    mutating func add(_ snapshot: WatchSnapshot) {
        points.append(Point(snapshot))
        if points.count > Self.capacity { points.removeFirst(points.count - Self.capacity) }
        if let last = reigns.last, last.leader == snapshot.surroundings.leader {
            reigns[reigns.count - 1].through = snapshot.span.wall
        } else {
            reigns.append(
                Reign(
                    leader: snapshot.surroundings.leader,
                    from: snapshot.span.wall,
                    through: snapshot.span.wall
                )
            )
        }
        guard let begin = points.first?.wall else { return }
        reigns.removeAll { $0.through < begin }
    }

    mutating func begin(fault text: String, at wall: Int64) {
        faults.append(Fault(text: text, from: wall))
        if faults.count > Self.faultCapacity { faults.removeFirst() }
    }

    /// Ends the last fault of this text that lasts.
    mutating func end(fault text: String, at wall: Int64) {
        guard let index = faults.lastIndex(where: { $0.text == text && $0.through == nil }) else { return }
        faults[index].through = wall
    }

    /// Something that takes no time.
    mutating func note(_ text: String, at wall: Int64) {
        faults.append(Fault(text: text, from: wall, through: wall))
        if faults.count > Self.faultCapacity { faults.removeFirst() }
    }
}

/// All that the page and the live screen show.
struct WatchDocument: Codable, Sendable {
    /// What a verdict's file says.
    struct Verdict: Codable, Sendable, Equatable {
        var firstLine: String
        /// When the file was written, in microseconds since 1970.
        var wall: Int64
    }

    var snapshot: WatchSnapshot
    var series: WatchSeries
    var verdict: Verdict?
}
