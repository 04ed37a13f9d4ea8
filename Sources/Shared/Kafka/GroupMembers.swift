import CRDKafka
public import Model

/// What the members of a classic consumer group have.
public struct GroupMembers: Sendable, Equatable {
    /// Whether every member has its partitions and none is awaited.
    public let isStable: Bool
    /// The partitions that some member has.
    public let assigned: Set<TopicPartition>

    public init(isStable: Bool, assigned: Set<TopicPartition>) {
        (self.isStable, self.assigned) = (isStable, assigned)
    }

    /// Reads the assignment of a member, in the form of Kafka's consumer protocol (ConsumerProtocolAssignment.json): a
    /// version, then topics with their partitions, then what the assignor notes for itself; big-endian.
    ///
    /// - Returns: `nil` where the bytes are something else: any client may join under this protocol's name.
    static func partitions(in bytes: RawSpan) -> Set<TopicPartition>? {
        var rest = BigEndianReader(bytes)
        guard rest.integer(Int16.self) != nil, let topicCount = rest.integer(Int32.self) else { return nil }
        var assigned: Set<TopicPartition> = []
        for _ in 0..<max(0, topicCount) {
            guard let length = rest.integer(Int16.self), let topic = rest.text(Int(length)),
                let count = rest.integer(Int32.self)
            else { return nil }
            for _ in 0..<max(0, count) {
                guard let partition = rest.integer(Int32.self) else { return nil }
                assigned.insert(TopicPartition(topic: topic, partition: partition))
            }
        }
        return assigned
    }
}

/// Reads big-endian integers and texts one after the other, never past the end.
private struct BigEndianReader: ~Escapable {
    private let bytes: RawSpan
    private var position = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) -> Value? {
        let size = MemoryLayout<Value>.size
        guard size <= bytes.byteCount - position else { return nil }
        defer { position += size }
        return Value(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Value.self))
    }

    mutating func text(_ length: Int) -> String? {
        guard length >= 0, length <= bytes.byteCount - position else { return nil }
        defer { position += length }
        return bytes.extracting(position..<(position + length)).withUnsafeBytes {
            String(decoding: $0, as: UTF8.self)
        }
    }
}

extension Consumer {
    /// Asks all brokers for a classic group, and waits.
    ///
    /// The admin interface asks the group's coordinator alone, but a request that meets the loss of the coordinator ends
    /// the process in an assertion (librdkafka's issues 3663 and 4605, in 2.16 still). The older function has no such part.
    ///
    /// - Returns: `nil` when no broker that answered has the group, or a member is no consumer.
    /// - Throws: `KafkaError` when no broker answered in time.
    public func members(of group: String, timeoutMilliseconds: Int32) throws(KafkaError) -> GroupMembers? {
        var answer: UnsafePointer<rd_kafka_group_list>?
        let code = rd_kafka_list_groups(handle, group, &answer, timeoutMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__PARTIAL else {
            throw KafkaError(code, context: "members of the group")
        }
        guard let answer else { return nil }
        defer { rd_kafka_group_list_destroy(answer) }
        let groups = UnsafeBufferPointer(start: answer.pointee.groups, count: Int(answer.pointee.group_cnt))
        guard let found = groups.first, found.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        var assigned: Set<TopicPartition> = []
        for member in UnsafeBufferPointer(start: found.members, count: Int(found.member_cnt)) {
            let bytes = UnsafeRawBufferPointer(
                start: member.member_assignment,
                count: Int(member.member_assignment_size)
            )
            // While the group forms the members have none yet.
            guard !bytes.isEmpty else { continue }
            guard let own = GroupMembers.partitions(in: bytes.bytes) else { return nil }
            assigned.formUnion(own)
        }
        let state = found.state.map { String(cString: $0) }
        return GroupMembers(isStable: state == "Stable", assigned: assigned)
    }
}
