import ChangeEvents
import Evidence
import Model
import Testing

@testable import Verify

@Suite("Records of the topic") struct RowEventDecoderTests {
    private let decoder = RowEventDecoder()

    private func row(_ text: String) throws -> RowID {
        try decoder.row(ofKey: Array(text.utf8).span.bytes)
    }

    private func change(_ text: String) throws -> (kind: TopicContent.Kind, value: Token, lsn: LSN) {
        try decoder.change(Array(text.utf8).span.bytes)
    }

    @Test(arguments: [#"{"id":42}"#, #"{"schema":{"type":"struct"},"payload":{"id":42}}"#])
    func `a key names its row with and without a schema`(text: String) throws {
        #expect(try row(text) == 42)
    }

    @Test(arguments: [
        (#"{"before":null,"after":{"id":1,"current_value":7},"op":"c"}"#, TopicContent.Kind.create, Token(7)),
        (#"{"after":{"id":1,"current_value":-8},"before":null,"op":"u","ts_ms":1}"#, .update, -8),
        (#"{"op":"r","after":{"current_value":0,"id":1}}"#, .snapshotRead, 0),
        (#"{"before":{"id":1,"current_value":7},"after":null,"op":"d"}"#, .delete, 0),
        (#"{"schema":{},"payload":{"op":"u","after":{"id":1,"current_value":9}}}"#, .update, 9),
        (#"{"op":"t","after":null}"#, .other, 0),
    ])
    func `a value tells what happened to the row`(text: String, kind: TopicContent.Kind, value: Token) throws
    {
        let change = try change(text)
        #expect(change.kind == kind)
        #expect(change.value == value)
    }

    @Test(arguments: [
        (#""source":{"txId":5,"lsn":67108904,"xmin":null}"#, UInt64(0x400_0028)),
        (#""source":{"lsn":null}"#, 0), (#""source":{"name":"x"}"#, 0), (#""ts_ms":1"#, 0),
    ])
    func `a change tells its place in the log where it has one`(source: String, lsn: UInt64) throws {
        let event = try change("{\"op\":\"u\",\"after\":{\"id\":1,\"current_value\":7},\(source)}")
        #expect(event.lsn == LSN(rawValue: lsn))
    }

    @Test(arguments: ["", "{", "null", "{}", #"{"op":"u","after":null}"#, #"{"op":"u","after":{"id":1}}"#])
    func `what is no change event is refused`(text: String) {
        #expect(throws: DecodeError.self) { try change(text) }
    }

    @Test(arguments: ["", "7", "{}", #"{"id":null}"#, #"{"id":"x"}"#])
    func `a key without a row is refused`(text: String) {
        #expect(throws: DecodeError.self) { try row(text) }
    }

    @Test func `events are kept in order with their partition`() {
        var topic = TopicContent(topic: "t")
        topic.append(.init(row: 1, value: 5, offset: 0, kind: .create), to: 0)
        topic.append(.init(row: 1, value: 0, offset: 1, kind: .delete), to: 0)
        topic.append(.init(row: 1, value: 0, offset: 2, kind: .tombstone), to: 0)
        topic.append(.init(row: 2, value: 9, offset: 0, kind: .create), to: 1)
        #expect(topic.eventCount == 4)
        #expect(topic.partitions[0]?.tombstoneCount == 1)
        #expect(topic.partitions[0]?.nextOffset == 3)
        #expect(topic.partitionOfRow == [1: 0, 2: 1])
        #expect(topic.eventsByRow()[1]?.map(\.kind) == [.create, .delete])
        #expect(topic.highestValue == 9)
        topic.append(.init(row: 2, value: 10, offset: 3, kind: .update), to: 0)
        #expect(topic.scatteredRows == [2])
    }
}
