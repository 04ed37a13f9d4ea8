import CRDKafka
public import Model
import Threading

/// What the brokers are asked about offsets and partitions; no record is fetched for it.
extension Consumer {
    /// Where the group stands, as it was last told; partitions without a commit are not in the answer.
    public func committed(
        _ places: some Collection<TopicPartition>,
        timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [TopicPartition: CommittedOffset] {
        let list = PartitionList(places)
        try check(rd_kafka_committed(handle, list.pointer, timeoutMilliseconds), "offsets of the group")
        return try list.offsets("the group's offset")
    }

    /// The first offset of each partition whose record is not older than a time, in milliseconds since 1970;
    /// partitions without such a record are not in the answer.
    public func offsets(
        since milliseconds: Int64,
        of places: some Collection<TopicPartition>,
        timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        let list = PartitionList(Dictionary(uniqueKeysWithValues: places.map { ($0, milliseconds) }))
        try check(rd_kafka_offsets_for_times(handle, list.pointer, timeoutMilliseconds), "offsets by time")
        return try list.offsets("the offset by time").mapValues(\.offset)
    }

    /// The first offset that the broker still has and the one after the last; asked again within the time while the
    /// partition has no leader that answers.
    public func watermarks(
        of place: TopicPartition,
        timeoutMilliseconds: Int32
    ) throws(KafkaError) -> (low: Int64, high: Int64) {
        let deadline = Deadline.after(.milliseconds(Int64(timeoutMilliseconds)))
        let pause = StopSignal()
        while true {
            do throws(KafkaError) {
                return try askWatermarks(of: place, timeoutMilliseconds: deadline.remainingMilliseconds)
            } catch {
                // The partition's leader has just moved, or is being elected.
                guard error.isTransient, deadline.remainingMilliseconds > 500 else { throw error }
                pause.sleep(.milliseconds(200))
            }
        }
    }

    private func askWatermarks(
        of place: TopicPartition,
        timeoutMilliseconds: Int32
    ) throws(KafkaError) -> (low: Int64, high: Int64) {
        var (low, high): (Int64, Int64) = (0, 0)
        let code = rd_kafka_query_watermark_offsets(
            handle,
            place.topic,
            place.partition,
            &low,
            &high,
            timeoutMilliseconds
        )
        try check(code, "offsets of \(place)")
        return (low, high)
    }

    /// The offset after the last record as the last fetch of an assigned partition told it, without asking;
    /// `nil` before the first fetch.
    ///
    /// The only trustworthy answer of brokers that reply to `watermarks` with an offset inside the last batch.
    public func fetchedEnd(of place: TopicPartition) -> Int64? {
        var (low, high): (Int64, Int64) = (0, 0)
        let code = rd_kafka_get_watermark_offsets(handle, place.topic, place.partition, &low, &high)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
    }

    /// The partitions of a topic; none when the broker does not have it.
    public func partitions(
        of topic: String,
        timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [TopicPartition] {
        guard let object = rd_kafka_topic_new(handle, topic, nil) else {
            throw KafkaError(rd_kafka_last_error(), context: "topic \(topic)")
        }
        defer { rd_kafka_topic_destroy(object) }
        var answer: UnsafePointer<rd_kafka_metadata>?
        try check(rd_kafka_metadata(handle, 0, object, &answer, timeoutMilliseconds), "topic \(topic)")
        guard let answer else { return [] }
        defer { rd_kafka_metadata_destroy(answer) }
        guard answer.pointee.topic_cnt > 0 else { return [] }
        let description = answer.pointee.topics[0]
        if description.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART { return [] }
        try check(description.err, "topic \(topic)")
        return (0..<Int(description.partition_cnt)).map {
            TopicPartition(topic: topic, partition: description.partitions[$0].id)
        }
    }

    /// The names of all topics that the brokers show to this user, in no order.
    public func topics(timeoutMilliseconds: Int32) throws(KafkaError) -> [String] {
        var answer: UnsafePointer<rd_kafka_metadata>?
        try check(rd_kafka_metadata(handle, 1, nil, &answer, timeoutMilliseconds), "list of topics")
        guard let answer else { return [] }
        defer { rd_kafka_metadata_destroy(answer) }
        return (0..<Int(answer.pointee.topic_cnt)).compactMap { index in
            let topic = answer.pointee.topics[index]
            guard topic.err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART else { return nil }
            return topic.topic.map { String(cString: $0) }
        }
    }
}
