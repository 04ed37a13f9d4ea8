import CRDKafka
public import Model

/// What brokers tell of topics beside their records.
extension Consumer {
    /// The identifier that the brokers' cluster was given when it was made; `nil` when none tells it in time.
    public func clusterID(timeoutMilliseconds: Int32) -> String? {
        guard let text = rd_kafka_clusterid(handle, timeoutMilliseconds) else { return nil }
        // The library allocates it for the caller.
        defer { rd_kafka_mem_free(handle, text) }
        return String(cString: text)
    }

    /// The identifier that each topic was given when it was made (KIP-516), in base64; topics without one, or that this
    /// user may not see, are not in the answer.
    ///
    /// - Throws: `KafkaError` when no broker answers.
    public func topicIDs(
        of topics: [String],
        timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [String: String] {
        guard !topics.isEmpty, LaterFunctions.describeTopics != nil else { return [:] }
        var identifiers: [String: String] = [:]
        try withAnswer("identifiers of topics", timeoutMilliseconds) { handle, options, queue in
            _ = LaterFunctions.describe(topics, handle, options, queue)
        } read: { event in
            identifiers = LaterFunctions.outlines(in: event).compactMapValues(\.identifier)
        }
        return identifiers
    }

    /// The settings of topics; the right DescribeConfigs is needed on each.
    ///
    /// - Throws: `KafkaError` when no broker answers.
    public func settings(
        of topics: [String],
        timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [String: Result<[String: String], KafkaError>] {
        guard !topics.isEmpty else { return [:] }
        var resources = topics.map { rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0) }
        defer { for resource in resources { rd_kafka_ConfigResource_destroy(resource) } }
        var settings: [String: Result<[String: String], KafkaError>] = [:]
        try withAnswer("settings of topics", timeoutMilliseconds) { handle, options, queue in
            rd_kafka_DescribeConfigs(handle, &resources, resources.count, options, queue)
        } read: { event in
            var count = 0
            guard
                let described = rd_kafka_DescribeConfigs_result_resources(
                    rd_kafka_event_DescribeConfigs_result(event),
                    &count
                )
            else { return }
            for index in 0..<count {
                guard let name = rd_kafka_ConfigResource_name(described[index]).map({ String(cString: $0) })
                else {
                    continue
                }
                settings[name] = Self.settings(in: described[index], of: name)
            }
        }
        return settings
    }

    private static func settings(
        in resource: OpaquePointer?,
        of topic: String
    ) -> Result<[String: String], KafkaError> {
        let code = rd_kafka_ConfigResource_error(resource)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let message = rd_kafka_ConfigResource_error_string(resource).map { String(cString: $0) }
            return .failure(KafkaError(code, context: "settings of \(topic)", message: message))
        }
        var count = 0
        var settings: [String: String] = [:]
        guard let entries = rd_kafka_ConfigResource_configs(resource, &count) else { return .success([:]) }
        for index in 0..<count {
            guard let name = rd_kafka_ConfigEntry_name(entries[index]),
                let value = rd_kafka_ConfigEntry_value(entries[index])
            else { continue }
            settings[String(cString: name)] = String(cString: value)
        }
        return .success(settings)
    }

    /// Asks the leaders where partitions end, without waiting: `takeEnds` has the answer later.
    ///
    /// - Returns: false while the question before is open.
    @discardableResult
    public func askEnds(_ places: [TopicPartition], timeoutMilliseconds: Int32) -> Bool {
        endQuestion.ask(places, timeoutMilliseconds: timeoutMilliseconds, of: handle)
    }

    /// The answer to `askEnds`, with an error for each partition whose leader gave none; `nil` while there is none.
    public func takeEnds() -> [TopicPartition: Result<PartitionEnd, KafkaError>]? { endQuestion.take() }

    /// Where the partitions end, as their leaders say now; waits for the answer.
    public func ends(
        of places: [TopicPartition],
        timeoutMilliseconds: Int32
    ) -> [TopicPartition: Result<PartitionEnd, KafkaError>] {
        let question = EndQuestion(of: handle)
        defer { question.close() }
        guard question.ask(places, timeoutMilliseconds: timeoutMilliseconds, of: handle) else { return [:] }
        // The answer comes a little after the time that the leaders have.
        return question.take(waitingMilliseconds: timeoutMilliseconds + 2_000) ?? [:]
    }

    /// Asks which partitions topics have, without waiting: `takeTopics` has the answer later.
    public func askTopics(_ topics: [String], timeoutMilliseconds: Int32) {
        topicQuestion.ask(topics, timeoutMilliseconds: timeoutMilliseconds, of: handle)
    }

    /// The answer to `askTopics`, without topics that the broker does not know; `nil` while there is none.
    public func takeTopics() -> [String: TopicOutline]? { topicQuestion.take() }

    /// Asks for something that is answered on a queue, and waits.
    private func withAnswer(
        _ context: String,
        _ timeoutMilliseconds: Int32,
        ask: (_ handle: OpaquePointer, _ options: OpaquePointer?, _ queue: OpaquePointer) -> Void,
        read: (_ event: OpaquePointer) -> Void
    ) throws(KafkaError) {
        guard let queue = rd_kafka_queue_new(handle) else {
            throw KafkaError(name: "_CRIT_SYS_RESOURCE", message: "out of memory", context: context)
        }
        defer { rd_kafka_queue_destroy(queue) }
        withRequestOptions(handle, timeoutMilliseconds: timeoutMilliseconds) { ask(handle, $0, queue) }
        guard let event = rd_kafka_queue_poll(queue, timeoutMilliseconds + 2_000) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, context: context)
        }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let message = rd_kafka_event_error_string(event).map { String(cString: $0) }
            throw KafkaError(code, context: context, message: message)
        }
        read(event)
    }
}
