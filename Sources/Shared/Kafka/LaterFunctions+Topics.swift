import CRDKafka
import Glibc

/// What describes topics, since 2.3.
extension LaterFunctions {
    typealias NamedTopics =
        @convention(c) @Sendable (UnsafeMutablePointer<UnsafePointer<CChar>?>?, Int) -> OpaquePointer?
    typealias Release = @convention(c) @Sendable (OpaquePointer?) -> Void
    typealias Describe =
        @convention(c) @Sendable (OpaquePointer?, OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Void
    typealias Part = @convention(c) @Sendable (OpaquePointer?) -> OpaquePointer?
    typealias Text = @convention(c) @Sendable (OpaquePointer?) -> UnsafePointer<CChar>?

    static let topicsOfNames = find("rd_kafka_TopicCollection_of_topic_names", NamedTopics.self)
    static let destroyTopics = find("rd_kafka_TopicCollection_destroy", Release.self)
    static let describeTopics = find("rd_kafka_DescribeTopics", Describe.self)
    static let describeTopicsResult = find("rd_kafka_event_DescribeTopics_result", EventResult.self)
    static let describedTopics = find("rd_kafka_DescribeTopics_result_topics", ResultInfos.self)
    static let describedName = find("rd_kafka_TopicDescription_name", Text.self)
    static let describedID = find("rd_kafka_TopicDescription_topic_id", Part.self)
    static let describedPartitions = find("rd_kafka_TopicDescription_partitions", ResultInfos.self)
    static let identifierText = find("rd_kafka_Uuid_base64str", Text.self)

    /// Asks for the description of topics; the answer comes on the queue.
    ///
    /// - Returns: whether it was asked: the library that is loaded may be too old.
    static func describe(
        _ topics: [String],
        _ handle: OpaquePointer,
        _ options: OpaquePointer?,
        _ queue: OpaquePointer
    ) -> Bool {
        guard !topics.isEmpty, let make = topicsOfNames, let describe = describeTopics else { return false }
        withCStrings(topics) { names in
            let collection = make(names, topics.count)
            defer { destroyTopics?(collection) }
            describe(handle, collection, options, queue)
        }
        return true
    }

    /// The topics that an answer describes, by name; what describes them lives as long as the event.
    static func topics(in event: OpaquePointer) -> [(name: String, description: OpaquePointer?)] {
        var count = 0
        guard let result = describeTopicsResult?(event), let described = describedTopics?(result, &count)
        else { return [] }
        return (0..<count).compactMap { index in
            describedName?(described[index]).map { (String(cString: $0), described[index]) }
        }
    }
}

extension LaterFunctions {
    /// What an answer says of the topics that the broker knows.
    static func outlines(in event: OpaquePointer) -> [String: TopicOutline] {
        var outlines: [String: TopicOutline] = [:]
        for (name, description) in topics(in: event) {
            var count = 0
            _ = describedPartitions?(description, &count)
            outlines[name] = TopicOutline(partitionCount: count, identifier: identifier(in: description))
        }
        return outlines
    }

    private static func identifier(in description: OpaquePointer?) -> String? {
        guard let identifier = describedID?(description),
            let text = identifierText?(identifier).map({ String(cString: $0) }),
            // All zeros: the broker knows no identifiers.
            text.utf8.contains(where: { $0 != UInt8(ascii: "A") })
        else { return nil }
        return text
    }
}

/// Lends texts as C strings.
func withCStrings(
    _ texts: [String],
    _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) -> Void
) {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    var pointers = copies.map { UnsafePointer<CChar>($0) }
    pointers.withUnsafeMutableBufferPointer { buffer in
        if let start = buffer.baseAddress { body(start) }
    }
}

/// Lends the options of a request of the admin interface that has so long.
func withRequestOptions(
    _ handle: OpaquePointer,
    timeoutMilliseconds: Int32,
    _ body: (OpaquePointer?) -> Void
) {
    // Any kind of request: the headers do not name all of them.
    let options = rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_ANY)
    defer { if let options { rd_kafka_AdminOptions_destroy(options) } }
    rd_kafka_AdminOptions_set_request_timeout(options, timeoutMilliseconds, nil, 0)
    body(options)
}
