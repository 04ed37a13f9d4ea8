import Testing

@testable import Sink

extension PipelineTests {
    /// Keys of one value, as Kafka's own serializers write them: rows come, change and go.
    @Test(
        arguments: [
            (.string, "text", Array("Müller \"x\"".utf8), Array("other".utf8), "Müller \"x\""),
            (.int32, "integer", [0xFF, 0xFF, 0xFF, 0xFE], [0, 0, 0, 7], "-2"),
            (.int64, "bigint", [0, 0, 0, 0, 0, 0, 1, 0], Array(repeating: 0xFF, count: 8), "256"),
            (.bytes, "bytea", [0, 0xFF, 0x22], [1], "\\x00ff22"),
        ] as [(KeyConverter, String, [UInt8], [UInt8], String)]
    )
    func `a key that is no JSON finds its row`(
        converter: KeyConverter,
        type: String,
        kept: [UInt8],
        removed: [UInt8],
        shown: String
    ) async throws {
        let own = try TopicSink(
            lab,
            "key_converter_\(type)",
            tables: "create table key_converter_\(type) (k \(type) primary key, v int)",
            properties: [
                "key.converter": converter.rawValue, "primary.key.mode": "record_key",
                "primary.key.fields": "k", "insert.mode": "upsert", "delete.enabled": "true",
                "errors.tolerance": "all",
                "errors.deadletterqueue.topic.name": nil,
            ]
        )
        var records: [(key: [UInt8], value: String?)] = [
            (kept, #"{"v":1}"#), (removed, #"{"v":1}"#), (kept, #"{"v":2}"#), (removed, nil),
        ]
        if converter == .int64 { records.append(([1, 2], #"{"v":3}"#)) }
        try own.produce(bytes: records)
        try await own.apply(records.count)
        let rows = "select string_agg(k || '=' || v, ' ') from key_converter_\(type)"
        let text = type == "bytea" ? rows.replacing("k ||", with: "k::text ||") : rows
        #expect(try own.query(text) == "\(shown)=2")
        _ = try own.query("drop table key_converter_\(type)")
    }
}
