import CRDKafka

/// The librdkafka that a program found when it was started, and whether it may be used.
///
/// Below 2.1.0 a rebalance purges records of a batch that was handed out already, after the position has moved past
/// them (librdkafka #4208): they are skipped, and nothing tells. Below 2.13.2 the positions of batches may be wrong
/// (#5213). Debian 12 has 2.0.2.
public struct ClientLibrary: Sendable, Equatable, CustomStringConvertible {
    /// The oldest version that is known to be good.
    public static let oldest = ClientLibrary(number: 0x020D_02FF)

    /// As librdkafka tells it: a byte each for major, minor and revision, and 0xff for a release.
    let number: UInt32

    init(number: UInt32) {
        self.number = number
    }

    /// The one that is loaded.
    public static var loaded: ClientLibrary { ClientLibrary(number: UInt32(bitPattern: rd_kafka_version())) }

    public var description: String { "\(number >> 24).\(number >> 16 & 0xFF).\(number >> 8 & 0xFF)" }

    /// Whether it is one that loses no record.
    public var isGood: Bool { number >> 8 >= Self.oldest.number >> 8 }

    /// Refuses a library that may lose records.
    ///
    /// - Throws: `KafkaError` with the version that was found and the way to another one.
    public func check() throws(KafkaError) {
        guard !isGood else { return }
        throw KafkaError(
            name: "_OLD_LIBRARY",
            message: """
                librdkafka \(self) skips records during a rebalance; \(Self.oldest) or later is needed. The package \
                handover brings one; in a checkout `lab/lab install` does, in .lab/tools/lib for LD_LIBRARY_PATH
                """,
            context: "librdkafka"
        )
    }
}
