import Model

/// The partitions that a lane has had, and where it stands in each that it owns now.
///
/// A partition keeps its slot for the life of the lane, so that a record finds it without hashing a name.
struct Assignment {
    struct Partition {
        let place: TopicPartition
        var isOwned = true
        /// The stored next offset, as this lane last wrote or read it.
        var applied: Int64
        /// The offset after the last record that was fetched.
        var fetched: Int64
        /// Where the partition's end was met, which may be after offsets that no record has.
        var reached: Int64 = 0
        /// When somebody else was found to have moved the progress; the group should soon say why.
        var fencedSince: Moment?
    }

    /// How long a fenced partition may stay this lane's in the eyes of the group: several session timeouts.
    private static let patience: UInt64 = 30_000_000_000

    /// By slot.
    var partitions: [Partition] = []
    /// What the group gave and whose leader has not answered yet, with the offset to go on at, as far as that is known.
    private(set) var awaited: [TopicPartition: Int64] = [:]
    /// Slots by the consumer's topic index and the partition's number.
    private var slots: [[Int?]] = []

    /// The stored offsets of what is owned and not fenced.
    var offsets: [TopicPartition: Int64] {
        var offsets: [TopicPartition: Int64] = [:]
        for partition in partitions where partition.isOwned && partition.fencedSince == nil {
            offsets[partition.place] = partition.applied
        }
        return offsets
    }

    /// What is owned in the eyes of the group, but was moved by somebody else.
    var fenced: [TopicPartition] {
        partitions.filter { $0.isOwned && $0.fencedSince != nil }.map(\.place)
    }

    /// Whether the lane has nothing to do.
    var isEmpty: Bool { awaited.isEmpty && !partitions.contains { $0.isOwned } }

    /// What the group has given to this lane.
    var places: [TopicPartition] { partitions.filter(\.isOwned).map(\.place) + awaited.keys }

    /// Whether the group has given the partition to this lane.
    func has(_ place: TopicPartition) -> Bool {
        awaited[place] != nil || slot(of: place).map { partitions[$0].isOwned } ?? false
    }

    /// The leader of a partition does not answer: it is added when that does, and nothing is read of it until then.
    mutating func postpone(_ place: TopicPartition, at offset: Int64) { awaited[place] = offset }

    mutating func add(_ offsets: [TopicPartition: Int64]) {
        for (place, offset) in offsets {
            awaited[place] = nil
            let partition = Partition(place: place, applied: offset, fetched: offset)
            if let slot = slot(of: place) {
                partitions[slot] = partition
            } else {
                partitions.append(partition)
            }
        }
    }

    mutating func remove(_ places: [TopicPartition]) {
        for place in places {
            awaited[place] = nil
            guard let slot = slot(of: place) else { continue }
            partitions[slot].isOwned = false
            partitions[slot].fencedSince = nil
        }
    }

    /// Forgets what was fetched and not applied.
    mutating func rewind() {
        for slot in partitions.indices {
            partitions[slot].fetched = partitions[slot].applied
            partitions[slot].reached = 0
        }
    }

    /// The end of a partition was met at an offset.
    mutating func reached(_ offset: Int64, in place: TopicPartition) {
        guard let slot = slot(of: place) else { return }
        partitions[slot].reached = offset
    }

    /// The partitions of which everything is applied, and that stand after the last record: from where, and where.
    var passed: [TopicPartition: (from: Int64, to: Int64)] {
        var passed: [TopicPartition: (from: Int64, to: Int64)] = [:]
        for partition in partitions
        where partition.isOwned && partition.fencedSince == nil && partition.fetched == partition.applied
            && partition.reached > partition.applied
        {
            passed[partition.place] = (partition.applied, partition.reached)
        }
        return passed
    }

    /// Positions after the last record were stored.
    mutating func pass(_ offsets: [TopicPartition: Int64]) {
        for (place, offset) in offsets {
            guard let slot = slot(of: place) else { continue }
            (partitions[slot].applied, partitions[slot].fetched) = (offset, offset)
        }
    }

    /// The slot of a record's partition; `nil` for a partition that is not owned.
    mutating func slot(topicIndex: Int, partition: Int32, topic: @autoclosure () -> String) -> Int? {
        while slots.count <= topicIndex { slots.append([]) }
        let number = Int(partition)
        while slots[topicIndex].count <= number { slots[topicIndex].append(nil) }
        if let known = slots[topicIndex][number] { return partitions[known].isOwned ? known : nil }
        guard let found = slot(of: TopicPartition(topic: topic(), partition: partition)) else { return nil }
        slots[topicIndex][number] = found
        return partitions[found].isOwned ? found : nil
    }

    /// Whether records of a partition are this lane's to apply.
    func admits(_ slot: Int) -> Bool {
        // Looked at where it lies: a copy would count references, for each record.
        let all = partitions.span
        return all[slot].isOwned && all[slot].fencedSince == nil
    }

    /// The offset after the last record of a partition that was fetched.
    func fetched(_ slot: Int) -> Int64 { partitions.span[slot].fetched }

    func slot(of place: TopicPartition) -> Int? {
        partitions.firstIndex { $0.place == place }
    }

    /// - Throws: `SinkError.progressTaken` for a partition that was fenced and not revoked for too long.
    func checkFences() throws(SinkError) {
        let now = Moment.monotonicNow()
        for partition in partitions where partition.isOwned {
            if let since = partition.fencedSince, now > since.monotonic + Self.patience {
                throw .progressTaken(partition.place)
            }
        }
    }

    /// Partitions and offsets as log metadata.
    static func list(_ offsets: [TopicPartition: Int64]) -> String {
        offsets.sorted { $0.key < $1.key }.map { "\($0.key)@\($0.value)" }.joined(separator: " ")
    }
}
