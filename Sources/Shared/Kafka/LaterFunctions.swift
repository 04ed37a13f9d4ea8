import CRDKafka
import Glibc

/// Functions of librdkafka that the headers of Debian 12 (2.0.2) do not declare yet.
///
/// What runs is newer, or is refused (`ClientLibrary`), and has the same binary interface: they are looked up in the
/// library that is loaded. The signatures are those of its rdkafka.h.
enum LaterFunctions {
    typealias ListOffsets =
        @convention(c) @Sendable (
            OpaquePointer?, UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?, OpaquePointer?,
            OpaquePointer?
        ) -> Void
    typealias EventResult = @convention(c) @Sendable (OpaquePointer?) -> OpaquePointer?
    typealias ResultInfos =
        @convention(c) @Sendable (OpaquePointer?, UnsafeMutablePointer<Int>?) -> UnsafeMutablePointer<
            OpaquePointer?
        >?
    typealias InfoPlace =
        @convention(c) @Sendable (OpaquePointer?) -> UnsafePointer<rd_kafka_topic_partition_t>?
    typealias LeaderEpoch =
        @convention(c) @Sendable (UnsafePointer<rd_kafka_topic_partition_t>?) -> Int32

    /// Since 2.3.
    static let listOffsets = find("rd_kafka_ListOffsets", ListOffsets.self)
    static let listOffsetsResult = find("rd_kafka_event_ListOffsets_result", EventResult.self)
    static let listOffsetsInfos = find("rd_kafka_ListOffsets_result_infos", ResultInfos.self)
    static let listOffsetsPlace = find("rd_kafka_ListOffsetsResultInfo_topic_partition", InfoPlace.self)
    /// Since 2.1.
    static let leaderEpoch = find("rd_kafka_topic_partition_get_leader_epoch", LeaderEpoch.self)

    static func find<Function>(_ name: String, _ type: Function.Type) -> Function? {
        // A null handle is RTLD_DEFAULT: the libraries that this program was linked with.
        guard let address = dlsym(nil, name) else { return nil }
        // SAFETY: a function's address, and the type is the one that its header gives it.
        return unsafeBitCast(address, to: type)
    }
}
