import Kafka
import Model

/// Whether the group has given each partition to some member.
///
/// The member that divides the partitions asks one broker which there are. That broker may not have heard of a topic that
/// was made a moment ago, or of partitions that were added; and a member that does not read a topic itself never looks at
/// it again. Then nobody has those partitions, nothing forms the group anew, and their records are never applied
/// (librdkafka's issue 4533 is one case of it). Any member that leaves and joins has them divided again.
///
/// 1. Every ten seconds the brokers are asked which partitions there are; nothing is waited for.
/// 2. Only for those that were never seen to be somebody's the members are asked for.
/// 3. What nobody has at two looks in a row has the group form anew.
struct GroupWatch {
    /// Between two looks; in a healthy group librdkafka sees new partitions within `topic.metadata.refresh.interval.ms`.
    static let interval: Int64 = 10_000
    /// The longest pause between two tries to join again where none helped, in milliseconds.
    static let longestPause: Int64 = 300_000
    static let timeoutMilliseconds: Int32 = 3_000

    private var nextLook = Deadline.after(.milliseconds(Self.interval))
    /// The partitions that somebody had, by their topics, and the topics' identifiers then.
    private var owned: [String: (identifier: String?, partitions: Set<Int32>)] = [:]
    private var unownedBefore: Set<TopicPartition> = []
    private var nextJoin = Deadline(monotonic: 0)
    private var pause = Self.interval
    /// When a member that has left joins again.
    private var returning: Deadline?

    /// Whether to ask the brokers now.
    mutating func isDue(at now: Moment = .now()) -> Bool {
        guard returning == nil, nextLook.monotonic <= now.monotonic else { return false }
        nextLook = Deadline(monotonic: now.monotonic + UInt64(Self.interval) * 1_000_000)
        return true
    }

    /// The partitions that were never seen to be somebody's, and are not this lane's.
    mutating func strangers(
        in topics: [String: TopicOutline],
        besides own: some Sequence<TopicPartition>
    ) -> Set<TopicPartition> {
        for (name, topic) in topics {
            if let known = owned[name], known.identifier == topic.identifier { continue }
            // It is new, or was deleted and made anew.
            owned[name] = (topic.identifier, [])
        }
        noteOwned(own)
        var strangers: Set<TopicPartition> = []
        for (name, topic) in topics {
            let known = owned[name]?.partitions ?? []
            for partition in 0..<Int32(clamping: topic.partitionCount) where !known.contains(partition) {
                strangers.insert(TopicPartition(topic: name, partition: partition))
            }
        }
        return strangers
    }

    /// The first partition because of which the group must form anew: nobody had it at two looks in a row.
    ///
    /// Each time in vain is followed by a longer pause: a member of another make may leave partitions out on purpose.
    mutating func abandoned(
        _ strangers: Set<TopicPartition>,
        by members: GroupMembers,
        at now: Moment = .now()
    ) -> TopicPartition? {
        guard members.isStable else {
            unownedBefore = []
            return nil
        }
        noteOwned(members.assigned)
        let unowned = strangers.subtracting(members.assigned)
        let lasting = unowned.intersection(unownedBefore)
        unownedBefore = unowned
        if unowned.isEmpty { pause = Self.interval }
        guard let first = lasting.min(), nextJoin.monotonic <= now.monotonic else { return nil }
        unownedBefore = []
        nextJoin = Deadline(monotonic: now.monotonic + UInt64(pause) * 1_000_000)
        pause = min(2 * pause, Self.longestPause)
        return first
    }

    private mutating func noteOwned(_ places: some Sequence<TopicPartition>) {
        // Of topics that were not asked for nothing is kept: members may read others than this one.
        for place in places { owned[place.topic]?.partitions.insert(place.partition) }
    }

    /// The member has left, and stays away for so long.
    mutating func left(for duration: Duration) { returning = .after(duration) }

    /// Whether a member that has left is to join now; true once.
    mutating func takeReturn() -> Bool {
        guard let returning, returning.hasPassed else { return false }
        self.returning = nil
        return true
    }
}
