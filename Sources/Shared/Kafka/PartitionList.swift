import CRDKafka
import Glibc
import Model

/// An offset that a consumer group has committed, and what the committer noted beside it.
public struct CommittedOffset: Hashable, Sendable {
    public let offset: Int64
    /// Empty for most clients.
    public let note: String

    public init(offset: Int64, note: String = "") {
        self.offset = offset
        self.note = note
    }
}

/// Owner of librdkafka's list of partitions.
struct PartitionList: ~Copyable {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(_ offsets: [TopicPartition: Int64]) {
        pointer = rd_kafka_topic_partition_list_new(Int32(offsets.count))
        for (place, offset) in offsets.sorted(by: { $0.key < $1.key }) {
            rd_kafka_topic_partition_list_add(pointer, place.topic, place.partition).pointee.offset = offset
        }
    }

    init(_ partitions: some Collection<TopicPartition>) {
        self.init(Dictionary(uniqueKeysWithValues: partitions.map { ($0, Int64(RD_KAFKA_OFFSET_INVALID)) }))
    }

    /// Puts the same note beside each offset; librdkafka frees it with the list.
    func annotate(_ note: String) {
        for index in 0..<Int(pointer.pointee.cnt) {
            pointer.pointee.elems[index].metadata = UnsafeMutableRawPointer(strdup(note))
            pointer.pointee.elems[index].metadata_size = note.utf8.count
        }
    }

    deinit {
        rd_kafka_topic_partition_list_destroy(pointer)
    }

    /// The offset of each partition that has one.
    ///
    /// - Throws: `KafkaError` of the first partition that has an error instead.
    func offsets(_ context: String) throws(KafkaError) -> [TopicPartition: CommittedOffset] {
        var offsets: [TopicPartition: CommittedOffset] = [:]
        for (index, place) in Self.partitions(in: pointer).enumerated() {
            let element = pointer.pointee.elems[index]
            guard element.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw KafkaError(element.err, context: "\(context) of \(place)")
            }
            guard element.offset >= 0 else { continue }
            let note = element.metadata.map {
                UnsafeRawBufferPointer(start: $0, count: element.metadata_size)
            }
            offsets[place] = CommittedOffset(
                offset: element.offset,
                note: note.map { String(decoding: $0, as: UTF8.self) } ?? ""
            )
        }
        return offsets
    }

    /// Copies what a list of librdkafka's holds.
    static func partitions(in list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> [TopicPartition]
    {
        (0..<Int(list.pointee.cnt)).map { index in
            let element = list.pointee.elems[index]
            return TopicPartition(topic: String(cString: element.topic), partition: element.partition)
        }
    }
}
