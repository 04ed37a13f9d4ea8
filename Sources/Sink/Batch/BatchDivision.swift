import Shared

/// Divides a batch that the server refused for its content, until the record that is at fault is alone.
///
/// A folded batch has no records any more, so the partitions go back to their stored offsets and the same
/// records are fetched again in smaller batches. Only records of the refused batch are taken meanwhile;
/// what else is fetched is passed over, and fetched again when the division is over.
struct BatchDivision {
    /// What to do about a batch that was refused.
    enum Decision: Equatable {
        /// Go back to the stored offsets and fetch smaller batches.
        case divide
        /// The record at this offset is at fault.
        case alone(TopicPartition, offset: Int64)
    }

    /// The offsets of each partition among which the record is.
    private var suspects: [TopicPartition: Range<Int64>] = [:]
    /// Records in a batch, at most, while a division is under way.
    private(set) var limit: Int?

    var isActive: Bool { limit != nil }

    /// Notes that a batch with these records was refused.
    mutating func refused(_ advances: [Batch.Advance], recordCount: Int) -> Decision {
        if recordCount == 1, let advance = advances.first {
            return .alone(advance.place, offset: advance.next - 1)
        }
        suspects = [:]
        for advance in advances { suspects[advance.place] = advance.expected..<advance.next }
        limit = max(1, recordCount / 2)
        return .divide
    }

    /// Begins with records that are at fault for a reason that may have passed; they alone are taken now.
    mutating func retry(_ place: TopicPartition, _ offsets: Range<Int64>) {
        suspects = [place: offsets]
        limit = 1
    }

    /// Notes that a batch was applied.
    ///
    /// - Returns: true when nothing of the refused batch is left, so that the division is over and what was
    ///   passed over must be fetched.
    mutating func applied(_ advances: [Batch.Advance]) -> Bool {
        guard isActive else { return false }
        for advance in advances {
            guard let range = suspects[advance.place] else { continue }
            suspects[advance.place] =
                advance.next < range.upperBound ? advance.next..<range.upperBound : nil
        }
        guard suspects.isEmpty else { return false }
        limit = nil
        return true
    }

    /// Whether a fetched record is one of the refused batch.
    func admits(_ place: TopicPartition, offset: Int64) -> Bool {
        !isActive || suspects[place]?.contains(offset) == true
    }

    /// Forgets the division: the partitions changed hands, or the records do not come again.
    mutating func cancel() {
        suspects = [:]
        limit = nil
    }
}
