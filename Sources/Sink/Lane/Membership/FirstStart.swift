import Kafka
import Model

/// Where a partition begins of which the destination has no progress yet.
///
/// Who moves from another consumer of the same group, such as Kafka Connect's sink, goes on where that one was: to begin
/// at the front would write old states over new ones, and rows twice in insert mode. What this program committed by
/// itself says nothing: it follows a progress that the destination no longer has.
struct FirstStart: Equatable {
    /// `auto.offset.reset`: where to begin without an offset of the group's; Kafka Connect begins at the front, too.
    enum Policy: String, CaseIterable {
        case earliest
        case latest
        /// Refuse to guess.
        case none
    }

    enum Reason: Equatable {
        case group
        case policy(Policy)
        /// The group's offset is not in the log any more.
        case groupOutside(Int64, Policy)
    }

    let offset: Int64
    let reason: Reason

    /// - Throws: `SinkError.noFirstOffset` where the policy is `none` and the group has no offset in the log.
    init(
        of place: TopicPartition,
        committed: CommittedOffset?,
        marks: (low: Int64, high: Int64),
        policy: Policy
    ) throws(SinkError) {
        let theirs = committed.flatMap { $0.note == CommittedOffset.ownNote ? nil : $0.offset }
        if let theirs, marks.low <= theirs, theirs <= marks.high {
            (offset, reason) = (theirs, .group)
            return
        }
        switch policy {
        case .earliest: offset = marks.low
        case .latest: offset = marks.high
        case .none: throw .noFirstOffset(place, committed: theirs, low: marks.low, high: marks.high)
        }
        reason = theirs.map { .groupOutside($0, policy) } ?? .policy(policy)
    }

    /// Why it begins there, for the log.
    var explanation: String {
        switch reason {
        case .group: "where the group is"
        case .policy(let policy): policy.rawValue
        case .groupOutside(let offset, let policy):
            "\(policy.rawValue), for the group's offset \(offset) is not in the log"
        }
    }
}

extension CommittedOffset {
    /// What this program notes beside the offsets that it commits.
    static let ownNote = "handover"
}
