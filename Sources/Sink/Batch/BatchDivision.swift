import Model

/// Divides a batch that the server refused for its content, until each record that is at fault is alone.
///
/// A folded batch has no records any more. Unless the lane kept them, the partitions go back to their stored
/// offsets once, and the same records are fetched again and held; what else is fetched then is passed over, and
/// fetched again afterwards. The records are applied from the front in smaller batches, partition by partition:
/// halves of what was refused, and twice as many after each success. So k records at fault among n cost about
/// 2 k · log₂(n / k) transactions. The two halves of a key change stay in one batch, until that is refused.
struct BatchDivision<Record> {
    /// What to do about a batch that was refused.
    enum Decision {
        case divide
        /// This record is at fault.
        case alone(Record)
    }

    /// Bytes that are held, about: a batch beyond is divided part by part.
    static var heldByteLimit: Int { 32 << 20 }

    /// The offsets of each partition that are still to come.
    private var awaited: [TopicPartition: Range<Int64>] = [:]
    private var records: [(place: TopicPartition, record: Record)] = []
    private var heldBytes = 0
    /// Records of `records` that are dealt with.
    private var done = 0
    /// Records in the batch that is being made or applied.
    private var inHand = 0
    /// Records in the next batch, at most.
    private var limit = 1
    /// The first so many records that are left were refused together.
    private var suspectCount = 0
    /// Why the first record that is left cannot be applied, once that is known.
    private(set) var condemnation: String?
    /// Whether a division is under way.
    private(set) var isActive = false
    /// Whether the halves of a key change are taken one by one, because together they were refused.
    private(set) var separatesKeyChanges = false

    /// Whether the records are fetched again, so that what is after them must be, too.
    private(set) var isRefetched = true

    /// Whether all records that are to be divided are there.
    var isIsolating: Bool { isActive && awaited.isEmpty }

    /// Begins with a batch that was refused; the records must be fetched again.
    mutating func begin(_ advances: [Batch.Advance]) {
        cancel()
        isActive = true
        for advance in advances { awaited[advance.place] = advance.expected..<advance.next }
    }

    /// Begins with records that are at fault for a reason that may have passed; they alone are taken now.
    mutating func retry(_ place: TopicPartition, _ offsets: Range<Int64>) {
        cancel()
        isActive = true
        awaited[place] = offsets
    }

    /// Begins with the records of a batch that was refused.
    mutating func begin(with records: [(place: TopicPartition, record: Record)]) {
        cancel()
        isActive = true
        isRefetched = false
        self.records = records
        sort()
        suspectCount = records.count
        limit = max(1, records.count / 2)
    }

    /// Whether a fetched record is to be held.
    func admits(_ place: TopicPartition, offset: Int64) -> Bool {
        awaited[place]?.contains(offset) == true
    }

    /// Takes a record that was fetched again, in the order of its partition.
    mutating func hold(_ record: Record, _ place: TopicPartition, offset: Int64, byteCount: Int) {
        records.append((place, record))
        heldBytes += byteCount
        guard let range = awaited[place] else { return }
        awaited[place] = offset + 1 < range.upperBound ? offset + 1..<range.upperBound : nil
        if awaited.isEmpty {
            sort()
            suspectCount = records.count
        } else if heldBytes >= Self.heldByteLimit {
            awaited = [:]
            sort()
        }
        limit = max(1, records.count / 2)
    }

    /// Puts the records of each partition together, in their order.
    private mutating func sort() {
        let order = records.enumerated().sorted {
            ($0.element.place, $0.offset) < ($1.element.place, $1.offset)
        }
        records = order.map(\.element)
    }

    /// How many records were fetched again so far.
    var heldCount: Int { records.count }

    /// The next record of the batch that is being made; `nil` when it has enough.
    var next: Record? { inHand < (condemnation == nil ? limit : 1) ? following?.record : nil }

    /// The record that comes next, whether the batch has enough or not.
    var following: (place: TopicPartition, record: Record)? {
        isIsolating && done + inHand < records.count ? records[done + inHand] : nil
    }

    /// Notes that `next` is in the batch.
    mutating func took() {
        inHand += 1
    }

    /// Notes that the batch was applied.
    ///
    /// - Returns: true when the division is over, and what was passed over must be fetched.
    mutating func applied() -> Bool {
        guard isIsolating else { return false }
        done += inHand
        suspectCount = max(0, suspectCount - inHand)
        if condemnation != nil {
            condemnation = nil
            (suspectCount, limit) = (0, 1)
        } else {
            limit = suspectCount > 0 ? max(1, suspectCount / 2) : limit * 2
        }
        inHand = 0
        guard done == records.count else { return false }
        defer { cancel() }
        return isRefetched
    }

    /// Notes that the batch was refused.
    ///
    /// - Parameter isKeyChange: whether its records are those of one key change.
    mutating func refused(isKeyChange: Bool = false) -> Decision {
        defer { inHand = 0 }
        guard inHand != 1 else { return .alone(records[done].record) }
        if isKeyChange { separatesKeyChanges = true }
        suspectCount = inHand
        limit = max(1, isKeyChange ? 1 : inHand / 2)
        return .divide
    }

    /// Notes that the first record that is left cannot be applied; it is the next batch by itself.
    mutating func condemn(because reason: String) {
        condemnation = reason
    }

    /// Notes that what came after the records was let go, and must be fetched again.
    mutating func letGoOfTheRest() {
        isRefetched = true
    }

    /// Forgets the division: the partitions changed hands, or the records do not come again.
    mutating func cancel() {
        self = BatchDivision()
    }
}
