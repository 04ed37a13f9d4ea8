import CRDKafka
public import Model

/// A member of a consumer group, or a reader of given partitions; owns librdkafka's handle.
///
/// One thread polls it. Rebalances are not answered inside librdkafka's callback: `poll` returns, the owner
/// takes the event with `takeRebalance`, finds out where to start (which may need a database that is away)
/// and answers with `assign` or `unassign`. Until then librdkafka waits and delivers nothing.
public struct Consumer: ~Copyable {
    let handle: OpaquePointer
    private let events: ConsumerEvents
    private let fetched: FetchedMessages
    private var memory = FetchMemory()
    let endQuestion: EndQuestion
    let topicQuestion: TopicQuestion
    private var topics = TopicNames()

    private init(owning handle: OpaquePointer, events: ConsumerEvents) {
        self.handle = handle
        self.events = events
        rd_kafka_poll_set_consumer(handle)
        fetched = FetchedMessages(of: handle)
        endQuestion = EndQuestion(of: handle)
        topicQuestion = TopicQuestion(of: handle)
    }

    /// Makes a consumer from librdkafka's properties.
    ///
    /// - Throws: `KafkaError` that names the property that librdkafka refuses.
    public static func open(properties: [String: String]) throws(KafkaError) -> Consumer {
        try ClientLibrary.loaded.check()
        FetchMemory.prepare()
        let configuration = try ClientProperties.configuration(properties)
        let events = ConsumerEvents()
        events.attach(to: configuration)
        return Consumer(owning: try ClientProperties.handle(RD_KAFKA_CONSUMER, configuration), events: events)
    }

    deinit {
        answerRebalance()
        fetched.close()
        endQuestion.close()
        topicQuestion.close()
        topics.close()
        rd_kafka_destroy(handle)
        // librdkafka holds a pointer to the events until the handle is gone.
        withExtendedLifetime(events) {}
    }

    /// Whether the librdkafka that is loaded knows a property: Debian's is older than some of them.
    public static func knows(_ property: String) -> Bool {
        guard let configuration = rd_kafka_conf_new() else { return false }
        defer { rd_kafka_conf_destroy(configuration) }
        var size = 0
        return rd_kafka_conf_get(configuration, property, nil, &size) == RD_KAFKA_CONF_OK
    }

    /// Joins the group for these topics.
    public func subscribe(to topics: [String]) throws(KafkaError) {
        let list = PartitionList(topics.map { TopicPartition(topic: $0, partition: -1) })
        try check(rd_kafka_subscribe(handle, list.pointer), "subscribe to \(topics.joined(separator: ", "))")
    }

    /// Leaves the group; its partitions are revoked in the usual way first.
    ///
    /// A member with `group.instance.id` only falls silent: the group gives up on it when its session is over.
    public func unsubscribe() throws(KafkaError) {
        try check(rd_kafka_unsubscribe(handle), "leave the group")
    }

    /// The next record, or `nil` when none came before the time was over or something else happened first.
    ///
    /// Many are taken from librdkafka at a time: of a partition that was paused some hundred may still come.
    ///
    /// - Throws: `KafkaError` that the broker or librdkafka reports for a partition or the group.
    public mutating func poll(timeoutMilliseconds: Int32) throws(KafkaError) -> Message? {
        guard let pointer = nextRecord(timeoutMilliseconds) else { return nil }
        let code = pointer.pointee.err
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            defer { rd_kafka_message_destroy(pointer) }
            let topic = pointer.pointee.rkt.flatMap { rd_kafka_topic_name($0) }.map { String(cString: $0) }
            let place = topic.map { TopicPartition(topic: $0, partition: pointer.pointee.partition) }
            let context = place?.description ?? "consumer"
            if code == RD_KAFKA_RESP_ERR__FATAL { throw .fatal(of: handle, context: context) }
            throw KafkaError(
                code,
                context: context,
                message: rd_kafka_message_errstr(pointer).map { String(cString: $0) }
            )
        }
        let index = topics.index(of: pointer.pointee.rkt, from: handle)
        return Message(owning: pointer, topicIndex: index)
    }

    /// The next record or error; ends of partitions are noted on the way to it.
    private mutating func nextRecord(
        _ timeoutMilliseconds: Int32
    ) -> UnsafeMutablePointer<rd_kafka_message_t>? {
        var timeout = timeoutMilliseconds
        while let pointer = next(timeout) {
            guard pointer.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF else { return pointer }
            if let topic = pointer.pointee.rkt.flatMap({ rd_kafka_topic_name($0) }) {
                let place = TopicPartition(
                    topic: String(cString: topic),
                    partition: pointer.pointee.partition
                )
                fetched.note(end: pointer.pointee.offset, of: place)
            }
            rd_kafka_message_destroy(pointer)
            timeout = 0
        }
        return nil
    }

    /// Where the partitions stood whose end was met since the last call; with `enable.partition.eof` only.
    ///
    /// After their last record, and after markers of transactions and aborted records, which are never handed out. A
    /// partition that was moved since has none.
    public func takeReachedEnds() -> [TopicPartition: Int64] { fetched.takeEnds() }

    private mutating func next(_ timeoutMilliseconds: Int32) -> UnsafeMutablePointer<rd_kafka_message_t>? {
        let waits = timeoutMilliseconds != 0
        // A batch is waited for until it is full, so the wait is for one.
        let message = fetched.take() ?? (waits ? rd_kafka_consumer_poll(handle, timeoutMilliseconds) : nil)
        if message != nil { memory.fetched() } else if waits { memory.rested() }
        return message
    }

    /// The name of a message's topic.
    public func topicName(_ index: Int) -> String { topics.names[index] }

    /// What the group wants, in the order in which it came; `nil` when nothing is open.
    public func takeRebalance() -> Rebalance? { events.takeRebalance() }

    /// Errors of the connections to the brokers since the last call; librdkafka reconnects by itself.
    public func takeErrors() -> [KafkaError] { events.takeErrors() }

    /// Takes the partitions on, each from its offset; answers a rebalance, or reads without a group.
    public func assign(_ offsets: [TopicPartition: Int64]) throws(KafkaError) {
        events.answered()
        let list = PartitionList(offsets)
        if isCooperative {
            drop(offsets.keys)
            try check(rd_kafka_incremental_assign(handle, list.pointer), "assign")
        } else {
            fetched.drop()
            try check(rd_kafka_assign(handle, list.pointer), "assign")
        }
    }

    /// Gives partitions up, those of them that were taken on; answers a revocation.
    public func unassign(_ partitions: [TopicPartition]) throws(KafkaError) {
        events.answered()
        if isCooperative {
            let assigned = try assigned()
            let list = PartitionList(partitions.filter(assigned.contains))
            try check(rd_kafka_incremental_unassign(handle, list.pointer), "unassign")
            drop(partitions)
        } else {
            try check(rd_kafka_assign(handle, nil), "unassign")
            fetched.drop()
        }
    }

    /// The partitions that were taken on.
    private func assigned() throws(KafkaError) -> Set<TopicPartition> {
        var list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
        try check(rd_kafka_assignment(handle, &list), "ask for the assignment")
        guard let list else { return [] }
        defer { rd_kafka_topic_partition_list_destroy(list) }
        return Set(PartitionList.partitions(in: list))
    }

    /// Continues a partition at another offset.
    public func seek(_ place: TopicPartition, to offset: Int64) throws(KafkaError) {
        let list = PartitionList([place: offset])
        try check(rd_kafka_seek_partitions(handle, list.pointer, 10_000), "seek \(place) to \(offset)")
        try check(list.pointer.pointee.elems[0].err, "seek \(place) to \(offset)")
        drop([place])
    }

    private func drop(_ places: some Collection<TopicPartition>) {
        fetched.drop { topic, partition in
            places.contains { $0.partition == partition && $0.topic == topic }
        }
    }

    /// Stops fetching; membership is kept as long as `poll` is called.
    public func pause(_ partitions: some Collection<TopicPartition>) throws(KafkaError) {
        let list = PartitionList(partitions)
        try check(rd_kafka_pause_partitions(handle, list.pointer), "pause")
    }

    /// Fetches again what `pause` stopped.
    public func resume(_ partitions: some Collection<TopicPartition>) throws(KafkaError) {
        let list = PartitionList(partitions)
        try check(rd_kafka_resume_partitions(handle, list.pointer), "resume")
    }

    /// Tells the group how far it is, without waiting: for the tools that show lag, never for correctness.
    ///
    /// - Parameter note: what stands beside each offset, for whoever reads it later.
    public func commit(_ offsets: [TopicPartition: Int64], note: String) throws(KafkaError) {
        let list = PartitionList(offsets)
        list.annotate(note)
        try check(rd_kafka_commit(handle, list.pointer, 1), "commit offsets")
    }

    /// Leaves the group; the consumer delivers nothing afterwards.
    public func close() throws(KafkaError) {
        answerRebalance()
        fetched.drop()
        try check(rd_kafka_consumer_close(handle), "leave the group")
    }

    /// Takes on nothing more, and gives up what the group wants back; from now on that is done as soon as it is asked for.
    private func answerRebalance() {
        events.isClosing = true
        // An error says that librdkafka is past asking.
        switch events.open {
        case .assigned?: try? assign([:])
        case .revoked(let places)?: try? unassign(places)
        case nil: return
        }
    }

    /// Whether the group's protocol leaves a member what it has when partitions are divided anew.
    public var isCooperative: Bool {
        rd_kafka_rebalance_protocol(handle).map { String(cString: $0) } == "COOPERATIVE"
    }

    func check(_ code: rd_kafka_resp_err_t, _ context: String) throws(KafkaError) {
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, context: context) }
    }

    private func check(_ error: OpaquePointer?, _ context: String) throws(KafkaError) {
        guard let error else { return }
        defer { rd_kafka_error_destroy(error) }
        throw KafkaError(
            rd_kafka_error_code(error),
            context: context,
            message: rd_kafka_error_string(error).map { String(cString: $0) }
        )
    }
}

/// Names of the topics that messages came from, found by librdkafka's pointer: no string a message.
///
/// Each topic is held: librdkafka frees one that nobody refers to any more, and the next one may get its address.
private struct TopicNames: ~Copyable {
    private(set) var names: [String] = []
    private var pointers: [OpaquePointer?] = []
    private var held: [OpaquePointer] = []

    mutating func index(of pointer: OpaquePointer?, from handle: OpaquePointer) -> Int {
        if let known = pointers.firstIndex(of: pointer) { return known }
        let name = pointer.flatMap { rd_kafka_topic_name($0) }.map { String(cString: $0) } ?? ""
        // The same object as the message's, with a reference of ours.
        if let own = rd_kafka_topic_new(handle, name, nil) { held.append(own) }
        pointers.append(pointer)
        names.append(name)
        return names.count - 1
    }

    /// Gives the topics back; must come before the handle's end.
    func close() {
        for topic in held { rd_kafka_topic_destroy(topic) }
    }
}
