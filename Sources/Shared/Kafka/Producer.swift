import CRDKafka
import Model

/// Sends records and waits until the brokers have them; owns librdkafka's handle.
///
/// One thread uses it. What was sent and not acknowledged when a producer ends is dropped; whether the brokers
/// have it is then unknown.
public struct Producer: ~Copyable {
    private let handle: OpaquePointer
    private let deliveries: Deliveries

    private init(owning handle: OpaquePointer, deliveries: Deliveries) {
        (self.handle, self.deliveries) = (handle, deliveries)
    }

    /// Makes a producer from librdkafka's properties.
    ///
    /// - Throws: `KafkaError` that names the property that librdkafka refuses.
    public static func open(properties: [String: String]) throws(KafkaError) -> Producer {
        let configuration = try ClientProperties.configuration(properties)
        let deliveries = Deliveries()
        deliveries.attach(to: configuration)
        return Producer(
            owning: try ClientProperties.handle(RD_KAFKA_PRODUCER, configuration),
            deliveries: deliveries
        )
    }

    deinit {
        rd_kafka_purge(handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        rd_kafka_destroy(handle)
        // librdkafka holds a pointer to the deliveries until the handle is gone.
        withExtendedLifetime(deliveries) {}
    }

    /// Sends records and waits for what became of each of them.
    ///
    /// How long the brokers may take is librdkafka's `message.timeout.ms`.
    ///
    /// - Returns: the offset of each record.
    /// - Throws: `KafkaError`, the first one; of the other records some may have been stored.
    public mutating func send(_ records: [ProducerRecord]) throws(KafkaError) -> [Int64] {
        deliveries.begin(count: records.count)
        for (index, record) in records.enumerated() {
            try produce(record, index)
        }
        while deliveries.openCount > 0 {
            rd_kafka_poll(handle, 100)
            // A fatal error leaves records without a report until their time is over.
            if let fatal = deliveries.fatal { throw fatal }
        }
        for (index, outcome) in deliveries.outcomes.enumerated() where outcome.code != Self.success {
            throw KafkaError(outcome.code, context: "send to \(records[index].place)")
        }
        return deliveries.outcomes.map(\.offset)
    }

    /// Makes a topic; one that is there is left as it is.
    ///
    /// - Parameters:
    ///   - replicationFactor: -1 for what the brokers have as their default.
    ///   - settings: the topic's own, such as `cleanup.policy`.
    public func createTopic(
        _ name: String,
        partitionCount: Int32,
        replicationFactor: Int32,
        settings: [String: String] = [:],
        timeoutMilliseconds: Int32
    ) throws(KafkaError) {
        let context = "create topic \(name)"
        var reason = [CChar](repeating: 0, count: 512)
        var topic = rd_kafka_NewTopic_new(name, partitionCount, replicationFactor, &reason, reason.count)
        guard topic != nil else {
            throw KafkaError(name: "_INVALID_ARG", message: reason.text, context: context)
        }
        defer { rd_kafka_NewTopic_destroy(topic) }
        for (name, value) in settings { rd_kafka_NewTopic_set_config(topic, name, value) }
        guard let queue = rd_kafka_queue_new(handle) else {
            throw KafkaError(name: "_CRIT_SYS_RESOURCE", message: "out of memory", context: context)
        }
        defer { rd_kafka_queue_destroy(queue) }
        rd_kafka_CreateTopics(handle, &topic, 1, nil, queue)
        guard let event = rd_kafka_queue_poll(queue, timeoutMilliseconds) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, context: context)
        }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        guard code == Self.success else { throw KafkaError(code, context: context) }
        var count = 0
        guard
            let results = rd_kafka_CreateTopics_result_topics(
                rd_kafka_event_CreateTopics_result(event),
                &count
            )
        else { return }
        for index in 0..<count {
            let code = rd_kafka_topic_result_error(results[index])
            if code == Self.success || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS { continue }
            let message = rd_kafka_topic_result_error_string(results[index]).map { String(cString: $0) }
            throw KafkaError(code, context: context, message: message)
        }
    }

    private static let success = RD_KAFKA_RESP_ERR_NO_ERROR

    /// Hands one record to librdkafka, which copies it.
    private func produce(_ record: ProducerRecord, _ index: Int) throws(KafkaError) {
        let headers = rd_kafka_headers_new(record.headers.count)
        for header in record.headers {
            // A length of -1 would have librdkafka measure the bytes as a C string.
            (header.value ?? []).withUnsafeBytes { bytes in
                let start = header.value == nil ? nil : bytes.baseAddress ?? Self.nothing
                _ = rd_kafka_header_add(headers, header.name, -1, start, bytes.count)
            }
        }
        let error = record.place.topic.withCString { topic in
            (record.key ?? []).withUnsafeBytes { key in
                (record.value ?? []).withUnsafeBytes { value in
                    // SAFETY: librdkafka copies key and value (RD_KAFKA_MSG_F_COPY) and never writes to them; a
                    // pointer that is null means that there is none, so empty ones get another.
                    let keyStart = record.key == nil ? nil : key.baseAddress ?? Self.nothing
                    let valueStart = record.value == nil ? nil : value.baseAddress ?? Self.nothing
                    var units = [rd_kafka_vu_t](repeating: rd_kafka_vu_t(), count: 8)
                    units[0].vtype = RD_KAFKA_VTYPE_TOPIC
                    units[0].u.cstr = topic
                    units[1].vtype = RD_KAFKA_VTYPE_PARTITION
                    units[1].u.i32 = record.place.partition
                    units[2].vtype = RD_KAFKA_VTYPE_KEY
                    units[2].u.mem.ptr = UnsafeMutableRawPointer(mutating: keyStart)
                    units[2].u.mem.size = key.count
                    units[3].vtype = RD_KAFKA_VTYPE_VALUE
                    units[3].u.mem.ptr = UnsafeMutableRawPointer(mutating: valueStart)
                    units[3].u.mem.size = value.count
                    units[4].vtype = RD_KAFKA_VTYPE_MSGFLAGS
                    units[4].u.i = RD_KAFKA_MSG_F_COPY
                    units[5].vtype = RD_KAFKA_VTYPE_OPAQUE
                    units[5].u.ptr = UnsafeMutableRawPointer(bitPattern: deliveries.mark(index))
                    units[6].vtype = RD_KAFKA_VTYPE_TIMESTAMP
                    units[6].u.i64 = record.timestamp ?? 0
                    units[7].vtype = RD_KAFKA_VTYPE_HEADERS
                    units[7].u.headers = headers
                    return rd_kafka_produceva(handle, units, units.count)
                }
            }
        }
        guard let error else { return }
        defer { rd_kafka_error_destroy(error) }
        // Only a record that was taken owns its headers.
        rd_kafka_headers_destroy(headers)
        throw KafkaError(
            rd_kafka_error_code(error),
            context: "send to \(record.place)",
            message: rd_kafka_error_string(error).map { String(cString: $0) }
        )
    }

    private static var nothing: UnsafeRawPointer {
        let empty: StaticString = ""
        // SAFETY: a StaticString's bytes live as long as the program.
        return UnsafeRawPointer(empty.utf8Start)
    }
}

/// Collects librdkafka's delivery reports.
///
/// A class because librdkafka keeps a pointer to it. The callbacks run inside poll, on the thread that sends, so
/// nothing here needs a lock.
private final class Deliveries {
    private(set) var outcomes: [(code: rd_kafka_resp_err_t, offset: Int64)] = []
    private(set) var openCount = 0
    /// The number of the call: reports of one that failed half-way may come during the next.
    private var call = 0
    /// Why this producer can send nothing any more.
    private(set) var fatal: KafkaError?

    func begin(count: Int) {
        outcomes = Array(repeating: (RD_KAFKA_RESP_ERR__IN_PROGRESS, -1), count: count)
        openCount = count
        call += 1
    }

    /// What librdkafka is given to hold for a record: never zero, because null means that there is nothing.
    func mark(_ index: Int) -> Int { call << 32 | index }

    /// Registers the callbacks; the deliveries must outlive the handle that is made from `configuration`.
    func attach(to configuration: OpaquePointer) {
        rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(self).toOpaque())
        rd_kafka_conf_set_dr_msg_cb(configuration) { _, message, opaque in
            guard let message, let opaque else { return }
            // SAFETY: the opaque is the Deliveries that the Producer keeps until after the handle's end.
            let deliveries = Unmanaged<Deliveries>.fromOpaque(opaque).takeUnretainedValue()
            deliveries.note(message.pointee)
        }
        rd_kafka_conf_set_error_cb(configuration) { handle, code, reason, opaque in
            let code = rd_kafka_resp_err_t(code)
            guard let opaque, code == RD_KAFKA_RESP_ERR__FATAL else { return }
            // SAFETY: as above.
            let deliveries = Unmanaged<Deliveries>.fromOpaque(opaque).takeUnretainedValue()
            var text = [CChar](repeating: 0, count: 512)
            let cause = rd_kafka_fatal_error(handle, &text, text.count)
            // A new producer begins with new sequence numbers; rights do not come by themselves.
            let lacksRights =
                cause == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED
                || cause == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
            deliveries.fatal = KafkaError(
                name: rd_kafka_err2name(cause).map { String(cString: $0) } ?? "_FATAL",
                message: text.text,
                context: "producer",
                isTransient: !lacksRights
            )
        }
        rd_kafka_conf_set_log_cb(configuration) { _, _, _, _ in
            // Its log lines repeat what the reports say, on standard error and without structure.
        }
    }

    private func note(_ message: rd_kafka_message_t) {
        // SAFETY: never dereferenced: it carries a number.
        let mark = Int(bitPattern: message._private)
        guard mark >> 32 == call else { return }
        let index = mark & 0xFFFF_FFFF
        outcomes[index] = (message.err, message.offset)
        openCount -= 1
    }
}
