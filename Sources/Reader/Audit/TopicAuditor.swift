import Shared

/// Reads a topic from its first offset on, outside any group; owns its consumer.
struct TopicAuditor: ~Copyable {
    private var consumer: Consumer
    private(set) var content: TopicContent
    private let decoder = RowEventDecoder()

    /// Answers of the broker may take this long.
    private static let timeoutMilliseconds: Int32 = 10_000
    /// A partition may end in offsets that hold no record (transaction markers): when nothing came for
    /// this long, its end is reached.
    private static let silence: Duration = .seconds(3)

    /// Assigns itself all partitions of the topic.
    ///
    /// - Returns: `nil` when the broker does not have the topic.
    /// - Throws: `KafkaError` when the broker does not answer.
    static func open(bootstrap: String, topic: String) throws(KafkaError) -> TopicAuditor? {
        let consumer = try Consumer.open(properties: [
            "bootstrap.servers": bootstrap,
            // librdkafka wants a name for every consumer; nothing is ever committed under it.
            "group.id": "handover-reader",
            "enable.auto.commit": "false",
            "auto.offset.reset": "earliest",
            // Bounds what is fetched ahead; its default is 64 MB.
            "queued.max.messages.kbytes": "8192",
        ])
        let places = try consumer.partitions(of: topic, timeoutMilliseconds: timeoutMilliseconds)
        guard !places.isEmpty else { return nil }
        var content = TopicContent(topic: topic)
        var starts: [TopicPartition: Int64] = [:]
        for place in places {
            let (low, _) = try consumer.watermarks(of: place, timeoutMilliseconds: timeoutMilliseconds)
            content.partitions[place.partition] = .init(firstOffset: low, nextOffset: low)
            starts[place] = low
        }
        try consumer.assign(starts)
        return TopicAuditor(consumer: consumer, content: content)
    }

    private init(consumer: consuming Consumer, content: TopicContent) {
        self.consumer = consumer
        self.content = content
    }

    /// Reads all that is in the topic now, and at least up to `applied` as far as that is there.
    ///
    /// The broker's answer about a partition's end is a lower bound (some answer with an offset inside the
    /// last batch); what a fetch reports is the end itself.
    ///
    /// - Throws: `KafkaError` when the deadline passes first, or the broker refuses.
    mutating func readToEnd(
        andBeyond applied: [Int32: Int64] = [:],
        by deadline: Deadline
    ) throws(KafkaError) {
        let ends = try answeredEnds()
        var quiet = Deadline.after(Self.silence)
        while isBefore(ends) || isBefore(applied) || isBeforeFetchedEnd {
            if try readOne(waitingMilliseconds: 100) { quiet = .after(Self.silence) }
            if quiet.hasPassed { return skipToEnds(ends) }
            if deadline.hasPassed {
                throw KafkaError(
                    name: "_TIMED_OUT",
                    message: "its end was not reached in time",
                    context: "reading \(content.topic)"
                )
            }
        }
    }

    private func answeredEnds() throws(KafkaError) -> [Int32: Int64] {
        var ends: [Int32: Int64] = [:]
        for partition in content.partitions.keys {
            let (_, high) = try consumer.watermarks(
                of: place(partition),
                timeoutMilliseconds: Self.timeoutMilliseconds
            )
            ends[partition] = high
        }
        return ends
    }

    private func place(_ partition: Int32) -> TopicPartition {
        TopicPartition(topic: content.topic, partition: partition)
    }

    private func isBefore(_ ends: [Int32: Int64]) -> Bool {
        ends.contains { content.partitions[$0.key]?.nextOffset ?? .max < $0.value }
    }

    private var isBeforeFetchedEnd: Bool {
        content.partitions.contains { consumer.fetchedEnd(of: place($0.key)) ?? 0 > $0.value.nextOffset }
    }

    private mutating func skipToEnds(_ ends: [Int32: Int64]) {
        for (partition, end) in ends {
            let next = content.partitions[partition]?.nextOffset ?? 0
            content.partitions[partition]?.nextOffset = max(next, end)
        }
    }

    /// Reads what comes within the time.
    mutating func read(for duration: Duration) throws(KafkaError) {
        let end = Deadline.after(duration)
        repeat { _ = try readOne(waitingMilliseconds: end.remainingMilliseconds) } while !end.hasPassed
    }

    /// Where a value stands in a partition, looked for from `start` on.
    func offset(of value: Int64, in partition: Int32, from start: Int64) -> Int64? {
        let events = content.partitions[partition]?.events ?? []
        return events.reversed().lazy.prefix { $0.offset >= start }
            .first { $0.setsValue && $0.value == value }?.offset
    }

    private mutating func readOne(waitingMilliseconds: Int32) throws(KafkaError) -> Bool {
        let message: Message?
        do throws(KafkaError) {
            message = try consumer.poll(timeoutMilliseconds: waitingMilliseconds)
        } catch {
            // librdkafka goes on by itself; what does not come is noticed by the caller's deadline.
            guard error.isTransient else { throw error }
            return false
        }
        guard let message else { return false }
        let partition = message.partition
        do throws(DecodeError) {
            content.append(try event(of: message), to: partition)
        } catch {
            content.append(
                .init(id: 0, value: 0, offset: message.offset, kind: .other),
                to: partition
            )
            content.noteUndecodable("partition \(partition), offset \(message.offset): \(error)")
        }
        return true
    }

    private func event(of message: borrowing Message) throws(DecodeError) -> TopicContent.Event {
        let decoder = decoder
        let id = try message.withKey { (key: RawSpan?) throws(DecodeError) -> Int64? in
            guard let key else { return nil }
            return try decoder.id(ofKey: key)
        }
        guard let id else { return .init(id: 0, value: 0, offset: message.offset, kind: .other) }
        let change = try message.withValue {
            (value: RawSpan?) throws(DecodeError) -> (kind: TopicContent.Kind, value: Int64, lsn: LSN) in
            guard let value else { return (.tombstone, 0, LSN(rawValue: 0)) }
            return try decoder.change(value)
        }
        return .init(
            id: id,
            value: change.value,
            offset: message.offset,
            kind: change.kind,
            lsn: change.lsn,
            producedAt: message.timestamp ?? 0
        )
    }
}
