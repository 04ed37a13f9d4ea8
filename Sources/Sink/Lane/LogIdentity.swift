/// Which log an offset belongs to, as far as the brokers tell: stored beside the offset, and compared with what is there.
///
/// The record in front of an offset proves the most, but a marker, or what compaction took, may stand there.
struct LogIdentity: Equatable {
    /// The identifier that the topic was given when it was made (KIP-516); brokers have them since 2.8.
    var topicID: String?
    /// How often the partition had had another leader: in one log the number only grows (KIP-101).
    var leaderEpoch: Int32?

    /// Why what is there now is not the log of the stored progress; `nil` where nothing speaks against it.
    ///
    /// What one of them does not know proves nothing.
    func contradiction(by found: LogIdentity) -> String? {
        if let topicID, let there = found.topicID, topicID != there {
            return "sink_progress has the topic id \(topicID), the brokers \(there)"
        }
        if let leaderEpoch, let there = found.leaderEpoch, there < leaderEpoch {
            return "sink_progress has the leader epoch \(leaderEpoch), the partition's leader only \(there)"
        }
        return nil
    }
}
