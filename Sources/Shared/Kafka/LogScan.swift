public import Model
public import Threading

/// How far the reading of partitions has come on its way to given ends: the decision when a scan is complete.
///
/// Silence proves nothing: a broker that throttles, stands still or is cut off sends nothing, too. A partition is read to
/// its end when a record from there or beyond came, or when its leader said that it has no more (`enable.partition.eof`).
/// The latter is what ends a log whose last offsets hold markers of transactions, aborted records, or what compaction
/// has taken. A scan that gets nothing of an open partition for too long has failed.
public struct LogScan: Sendable {
    private struct Stretch {
        /// The offset after the last record that came, or where the end was met.
        var next: Int64
        /// Where it is complete.
        var end: Int64
        var isComplete: Bool
        /// Whether a fetch was asked where the partition ends, once the given end was reached.
        var isExtended = false
    }

    /// What is read, for errors.
    private let purpose: String
    private let deadline: Deadline
    private let patience: Duration
    private let endsMayBeLow: Bool
    private var silenceEnd: Deadline
    private var stretches: [TopicPartition: Stretch]
    private var openCount: Int
    /// What librdkafka has reported meanwhile and goes on from by itself.
    private var lastError: KafkaError?

    /// - Parameters:
    ///   - stretches: where each partition's reading begins, and the offset after the last one wanted.
    ///   - endsMayBeLow: whether the ends are a broker's answer and nothing more: some name an offset inside the last
    ///     batch. What a fetch tells at that place is waited for, too.
    ///   - purpose: what is read, for errors.
    ///   - deadline: when the whole scan has failed.
    ///   - patience: how long nothing of the open partitions may come.
    public init(
        _ stretches: [TopicPartition: (begin: Int64, end: Int64)],
        endsMayBeLow: Bool = false,
        for purpose: String,
        by deadline: Deadline = .never,
        patience: Duration = .seconds(30)
    ) {
        (self.purpose, self.deadline, self.patience) = (purpose, deadline, patience)
        self.endsMayBeLow = endsMayBeLow
        self.stretches = stretches.mapValues { begin, end in
            Stretch(next: begin, end: end, isComplete: begin >= end)
        }
        openCount = self.stretches.values.count { !$0.isComplete }
        silenceEnd = .after(patience)
    }

    /// What is read, in order.
    public var places: [TopicPartition] { stretches.keys.sorted() }

    /// Whether each partition is read to its end.
    public var isComplete: Bool { openCount == 0 }

    /// Whether a partition is read to its end.
    public func isComplete(_ place: TopicPartition) -> Bool { stretches[place]?.isComplete ?? true }

    /// The offset before which all records of a partition have come.
    public func position(_ place: TopicPartition) -> Int64? { stretches[place]?.next }

    /// The scan goes on after a rest: what did not come meanwhile proves nothing.
    public mutating func goOn() { silenceEnd = .after(patience) }

    /// A record came.
    ///
    /// - Parameter fetchedEnd: where the partition ends as a fetch told; asked once, at the given end.
    mutating func took(_ offset: Int64, of place: TopicPartition, fetchedEnd: () -> Int64?) {
        guard var stretch = stretches[place] else { return }
        stretch.next = max(stretch.next, offset + 1)
        if !stretch.isComplete {
            silenceEnd = .after(patience)
            if endsMayBeLow, stretch.next >= stretch.end, !stretch.isExtended {
                stretch.isExtended = true
                stretch.end = max(stretch.end, fetchedEnd() ?? 0)
            }
            if stretch.next >= stretch.end { finish(&stretch) }
        }
        stretches[place] = stretch
    }

    /// The leader of a partition said that it has nothing more, at an offset.
    ///
    /// One that says so in front of the wanted end is not caught up: the rest is still to come.
    mutating func metEnd(at offset: Int64, of place: TopicPartition) {
        guard var stretch = stretches[place] else { return }
        stretch.next = max(stretch.next, offset)
        // What lies between a given end that was met and the fetched one belongs to an open transaction.
        if !stretch.isComplete, stretch.next >= stretch.end || stretch.isExtended { finish(&stretch) }
        stretches[place] = stretch
    }

    private mutating func finish(_ stretch: inout Stretch) {
        stretch.isComplete = true
        openCount -= 1
        silenceEnd = .after(patience)
    }

    mutating func note(_ error: KafkaError) { lastError = error }

    /// Why the scan has failed; `nil` while it may go on.
    var failure: KafkaError? {
        guard !isComplete else { return nil }
        let isLate = deadline.hasPassed
        guard isLate || silenceEnd.hasPassed else { return nil }
        let open = stretches.filter { !$0.value.isComplete }.sorted { $0.key < $1.key }
        let places = open.prefix(3).map { "\($0.key) stands at \($0.value.next) of \($0.value.end)" }
        let others = open.count > 3 ? ["\(open.count - 3) more are open"] : []
        return KafkaError(
            name: "_TIMED_OUT",
            message: """
                \(isLate ? "the time is over" : "nothing came for \(patience.components.seconds) s") before the end: \
                \((places + others).joined(separator: ", ")). See whether the leaders of these partitions answer, whether a \
                quota throttles this client, and whether a transaction is left open there; then run it again
                """ + (lastError.map { " (last: \($0.message), \($0.name))" } ?? ""),
            context: purpose,
            isTransient: true
        )
    }
}

extension Consumer {
    /// The next record of the assigned partitions on the way to the ends of a scan.
    ///
    /// It may lie beyond its partition's end while others are still open. The consumer must have
    /// `enable.partition.eof`.
    ///
    /// - Returns: `nil` when all ends are reached, or the stop is requested.
    /// - Throws: `KafkaError`; `_TIMED_OUT` with each open partition and where it stands when the scan has failed.
    public mutating func next(of scan: inout LogScan, stop: StopSignal? = nil) throws(KafkaError) -> Message?
    {
        while !scan.isComplete, stop?.isRequested != true {
            if let failure = scan.failure { throw failure }
            let polled: Message?
            do throws(KafkaError) {
                polled = try poll(timeoutMilliseconds: 100)
            } catch {
                // librdkafka goes on by itself; what does not come fails the scan.
                guard error.isTransient else { throw error }
                scan.note(error)
                continue
            }
            for (place, offset) in takeReachedEnds() { scan.metEnd(at: offset, of: place) }
            guard let message = polled else { continue }
            let place = TopicPartition(topic: topicName(message.topicIndex), partition: message.partition)
            scan.took(message.offset, of: place) { fetchedEnd(of: place) }
            return message
        }
        return nil
    }

    /// The next record of the assigned partitions, for who has no ends to read to.
    ///
    /// librdkafka goes on by itself after an error that passes: what does not come, the caller's deadline shows.
    ///
    /// - Returns: `nil` when none came in time.
    /// - Throws: `KafkaError` that does not pass.
    public mutating func next(by deadline: Deadline) throws(KafkaError) -> Message? {
        repeat {
            let polled: Message?
            do throws(KafkaError) {
                polled = try poll(timeoutMilliseconds: min(100, deadline.remainingMilliseconds))
            } catch {
                guard error.isTransient else { throw error }
                continue
            }
            if let polled { return polled }
        } while !deadline.hasPassed
        return nil
    }
}
