/// What becomes of a property of the Java producer after `producer.override.`.
enum ProducerOverride: Equatable {
    /// librdkafka gets it under this name; librdkafka says whether it knows it.
    case passed(String)
    case refused(String)

    init(_ name: String) {
        switch name {
        case "bootstrap.servers", "acks", "request.required.acks", "enable.idempotence", "transactional.id",
            "max.in.flight.requests.per.connection", "max.in.flight":
            self = .refused("cannot be overridden: the guarantee for dead letters depends on it")
        case "key.serializer", "value.serializer", "interceptor.classes", "metric.reporters",
            "partitioner.class":
            self = .refused("is a class of the Java producer; there is none here")
        case "max.request.size": self = .passed("message.max.bytes")
        case "delivery.timeout.ms": self = .passed("message.timeout.ms")
        default:
            if case .refused(let reason) = ConsumerOverride(name) {
                self = .refused(reason)
            } else {
                self = .passed(name)
            }
        }
    }
}
