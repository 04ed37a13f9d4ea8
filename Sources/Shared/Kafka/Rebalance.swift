import CRDKafka
public import Model

/// What the group's coordinator wants of this member.
public enum Rebalance: Sendable {
    case assigned([TopicPartition])
    case revoked([TopicPartition])
}

/// Collects librdkafka's callbacks until the polling thread takes them.
///
/// A class because librdkafka keeps a pointer to it. The callbacks run inside poll, on the polling thread,
/// so nothing here needs a lock.
final class ConsumerEvents {
    private var rebalances: [Rebalance] = []
    private var errors: [KafkaError] = []
    /// What the group wants and was not answered yet: librdkafka waits for the answer, for ever, and in its end as well.
    private(set) var open: Rebalance?
    /// While the consumer closes, revocations are obeyed at once: nobody polls any more.
    var isClosing = false

    func takeRebalance() -> Rebalance? {
        rebalances.isEmpty ? nil : rebalances.removeFirst()
    }

    /// Partitions were taken on, or given up.
    func answered() { open = nil }

    func takeErrors() -> [KafkaError] {
        defer { errors.removeAll() }
        return errors
    }

    /// Registers the callbacks; the events must outlive the handle that is made from `configuration`.
    func attach(to configuration: OpaquePointer) {
        rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(self).toOpaque())
        rd_kafka_conf_set_rebalance_cb(configuration) { handle, code, list, opaque in
            guard let handle, let list, let opaque else { return }
            // SAFETY: the opaque is the ConsumerEvents that the Consumer keeps until after the handle's end.
            let events = Unmanaged<ConsumerEvents>.fromOpaque(opaque).takeUnretainedValue()
            events.rebalance(handle, code, list)
        }
        rd_kafka_conf_set_error_cb(configuration) { _, code, reason, opaque in
            guard let opaque else { return }
            // SAFETY: as above.
            let events = Unmanaged<ConsumerEvents>.fromOpaque(opaque).takeUnretainedValue()
            let message = reason.map { String(cString: $0) }
            events.errors.append(
                KafkaError(rd_kafka_resp_err_t(code), context: "broker connection", message: message)
            )
        }
        rd_kafka_conf_set_log_cb(configuration) { _, _, _, _ in
            // Its log lines repeat what the error callback reports, on standard error and without structure.
        }
    }

    private func rebalance(
        _ handle: OpaquePointer,
        _ code: rd_kafka_resp_err_t,
        _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
    ) {
        if isClosing {
            rd_kafka_assign(handle, nil)
            return
        }
        let partitions = PartitionList.partitions(in: list)
        let isAssignment = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS
        let rebalance: Rebalance = isAssignment ? .assigned(partitions) : .revoked(partitions)
        open = rebalance
        rebalances.append(rebalance)
    }
}
