import Access
import ChangeEvents
import Kafka
import Model

/// Reads a topic from its first offset on, outside any group; owns its consumer.
struct TopicAuditor: ~Copyable {
    private var consumer: Consumer
    private(set) var content: TopicContent
    private let decoder = RowEventDecoder()

    /// Answers of the broker may take this long.
    private static let timeoutMilliseconds: Int32 = 10_000

    /// Assigns itself all partitions of the topic.
    ///
    /// - Returns: `nil` when the broker does not have the topic.
    /// - Throws: `KafkaError` when the broker does not answer.
    static func open(_ brokers: KafkaBrokers, topic: String) throws(KafkaError) -> TopicAuditor? {
        let consumer = try Consumer.open(
            properties: brokers.client([
                // librdkafka wants a name for every consumer; nothing is ever committed under it.
                "group.id": "handover-reader",
                "enable.auto.commit": "false",
                "auto.offset.reset": "earliest",
                // A partition may end in offsets that hold no record: its leader says that nothing comes any more.
                "enable.partition.eof": "true",
                // Bounds what is fetched ahead; its default is 64 MB.
                "queued.max.messages.kbytes": "8192",
            ])
        )
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
    /// - Throws: `KafkaError` when a partition's end is not reached: the deadline passes first, nothing comes of it
    ///   any more, or the broker refuses.
    mutating func readToEnd(
        andBeyond applied: [Int32: Int64] = [:],
        by deadline: Deadline
    ) throws(KafkaError) {
        var stretches: [TopicPartition: (begin: Int64, end: Int64)] = [:]
        for (partition, read) in content.partitions {
            let place = place(partition)
            // Of transactions those that are decided: the last stable offset.
            let (_, end) = try consumer.watermarks(of: place, timeoutMilliseconds: Self.timeoutMilliseconds)
            stretches[place] = (read.nextOffset, max(end, applied[partition] ?? 0))
        }
        var scan = LogScan(
            stretches,
            endsMayBeLow: true,
            for: "reading \(content.topic)",
            by: deadline
        )
        while let message = try consumer.next(of: &scan) { take(message) }
        for (place, _) in stretches {
            let next = content.partitions[place.partition]?.nextOffset ?? 0
            content.partitions[place.partition]?.nextOffset = max(next, scan.position(place) ?? 0)
        }
    }

    private func place(_ partition: Int32) -> TopicPartition {
        TopicPartition(topic: content.topic, partition: partition)
    }

    /// Reads what comes within the time.
    mutating func read(for duration: Duration) throws(KafkaError) {
        let end = Deadline.after(duration)
        while let message = try consumer.next(by: end) { take(message) }
    }

    /// Where a value stands in a partition, looked for from `start` on.
    func offset(of value: Token, in partition: Int32, from start: Int64) -> Int64? {
        let events = content.partitions[partition]?.events ?? []
        return events.reversed().lazy.prefix { $0.offset >= start }
            .first { $0.setsValue && $0.value == value }?.offset
    }

    private mutating func take(_ message: borrowing Message) {
        let partition = message.partition
        do throws(DecodeError) {
            content.append(try event(of: message), to: partition)
        } catch {
            content.append(
                .init(row: 0, value: 0, offset: message.offset, kind: .other),
                to: partition
            )
            content.noteUndecodable("partition \(partition), offset \(message.offset): \(error)")
        }
    }

    private func event(of message: borrowing Message) throws(DecodeError) -> TopicContent.Event {
        let decoder = decoder
        let row = try message.withKey { (key: RawSpan?) throws(DecodeError) -> RowID? in
            guard let key else { return nil }
            return try decoder.row(ofKey: key)
        }
        guard let row else { return .init(row: 0, value: 0, offset: message.offset, kind: .other) }
        let change = try message.withValue {
            (value: RawSpan?) throws(DecodeError) -> (kind: TopicContent.Kind, value: Token, lsn: LSN) in
            guard let value else { return (.tombstone, 0, LSN(rawValue: 0)) }
            return try decoder.change(value)
        }
        return .init(
            row: row,
            value: change.value,
            offset: message.offset,
            kind: change.kind,
            lsn: change.lsn,
            producedAt: message.timestamp ?? 0
        )
    }
}
