import Model

/// What the tail of the topic told of some of its records: when each was committed and produced, and where it
/// stands in the source's log.
///
/// Records that follow one another closely are left out, so that it stays small at any rate.
struct TopicMarks: Sendable {
    struct Mark: Sendable, Equatable {
        var offset: Int64
        /// When the record was produced to the topic, in microseconds since 1970; a clock of Kafka Connect.
        var produced: Int64
        /// When the change was committed, in microseconds since 1970, by the source's clock; `nil` where the
        /// event does not say.
        var committed: Int64?
        /// Where the change stands in the source's log; `nil` where the event does not say.
        var position: LSN?
        /// The timeline that the source was on when the record came: an LSN means nothing without it.
        var timeline: Timeline?
    }

    private struct Partition: Sendable {
        var marks: [Mark] = []
        /// How far apart marks are, in microseconds.
        var spacing: Int64 = 5_000
    }

    /// More marks than this of one partition are thinned out.
    static let capacity = 4_096

    private var partitions: [Int32: Partition] = [:]
    /// The highest position of all, applied or not.
    private(set) var newest: Mark?

    /// Takes a record that is applied already.
    mutating func pass(_ mark: Mark) {
        guard let position = mark.position else { return }
        if let known = newest?.position, mark.timeline == newest?.timeline, position < known { return }
        newest = mark
    }

    /// Takes a record as it comes.
    mutating func add(_ mark: Mark, partition: Int32) {
        pass(mark)
        var known = partitions[partition] ?? Partition()
        if let last = known.marks.last, abs(mark.produced - last.produced) < known.spacing {
            partitions[partition] = known
            return
        }
        known.marks.append(mark)
        if known.marks.count > Self.capacity {
            known.marks = known.marks.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
            known.spacing *= 2
        }
        partitions[partition] = known
    }

    /// Whether the next record of a partition, produced at this time, would be kept: decoding it is worth it.
    func wants(_ partition: Int32, producedAt produced: Int64) -> Bool {
        guard let known = partitions[partition], let last = known.marks.last else { return true }
        return abs(produced - last.produced) >= known.spacing
    }

    /// Takes out the marks in front of `nextOffset`: they are applied.
    mutating func takeApplied(_ partition: Int32, before nextOffset: Int64) -> [Mark] {
        guard var known = partitions[partition] else { return [] }
        let applied = known.marks.prefix { $0.offset < nextOffset }
        guard !applied.isEmpty else { return [] }
        known.marks.removeFirst(applied.count)
        if known.marks.isEmpty { known.spacing = 5_000 }
        partitions[partition] = known
        return Array(applied)
    }

    /// The oldest mark of a partition that is not applied.
    func oldest(_ partition: Int32) -> Mark? { partitions[partition]?.marks.first }

    /// When the oldest marked change that is not applied was committed, by the source's clock.
    var oldestCommitted: Int64? { partitions.values.compactMap { $0.marks.first?.committed }.min() }

    /// The lowest position of a change that is not applied, of this timeline.
    func oldestPosition(on timeline: Timeline) -> LSN? {
        partitions.values.compactMap { $0.marks.first { $0.timeline == timeline }?.position }.min()
    }

    /// Forgets a partition: the topic was made anew.
    mutating func forget(_ partition: Int32) {
        partitions[partition] = nil
    }
}
