import CRDKafka

/// librdkafka's configuration of one client.
enum ClientProperties {
    /// Makes a configuration; the caller hands it to `rd_kafka_new` or destroys it.
    ///
    /// - Throws: `KafkaError` that names the property that librdkafka refuses.
    static func configuration(_ properties: [String: String]) throws(KafkaError) -> OpaquePointer {
        guard let configuration = rd_kafka_conf_new() else {
            throw KafkaError(name: "_CRIT_SYS_RESOURCE", message: "out of memory", context: "configuration")
        }
        var reason = [CChar](repeating: 0, count: 512)
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            guard rd_kafka_conf_set(configuration, name, value, &reason, reason.count) == RD_KAFKA_CONF_OK
            else {
                rd_kafka_conf_destroy(configuration)
                throw KafkaError(name: "_INVALID_ARG", message: reason.text, context: "property \(name)")
            }
        }
        return configuration
    }

    /// Looks whether librdkafka takes these properties.
    static func check(_ properties: [String: String]) throws(KafkaError) {
        rd_kafka_conf_destroy(try configuration(properties))
    }

    /// Makes a client's handle, which owns the configuration; without one the configuration is destroyed.
    ///
    /// - Throws: `KafkaError` with librdkafka's reason.
    static func handle(_ type: rd_kafka_type_t, _ configuration: OpaquePointer) throws(KafkaError)
        -> OpaquePointer
    {
        var reason = [CChar](repeating: 0, count: 512)
        guard let handle = rd_kafka_new(type, configuration, &reason, reason.count) else {
            rd_kafka_conf_destroy(configuration)
            let client = type == RD_KAFKA_CONSUMER ? "consumer" : "producer"
            throw KafkaError(name: "_FAIL", message: reason.text, context: client)
        }
        return handle
    }
}

extension [CChar] {
    /// The text up to the first zero.
    var text: String {
        String(decoding: prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
