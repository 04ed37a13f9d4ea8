import ChangeEvents
import Kafka
import Model
import Testing

@testable import Sink

struct DeadLetterTests {
    private let origin = DeadLetter.Origin(place: TopicPartition(topic: "t", partition: 3), offset: 42)
    private let cause = DeadLetterHeaders.Cause(
        stage: .put,
        reason: "the number is out of the column's range",
        component: "Sink.RecordDecoder",
        error: "ChangeEvents.DecodeError"
    )

    private func text(_ headers: [RecordHeader]) -> [String] {
        headers.map { "\($0.name)=\(String(decoding: $0.value ?? [], as: UTF8.self))" }
    }

    @Test func `a dead letter says where it comes from, and on demand why, in Connect's names`() {
        let coordinates = [
            "__connect.errors.topic=t", "__connect.errors.partition=3", "__connect.errors.offset=42",
            "__connect.errors.connector.name=s",
        ]
        #expect(text(DeadLetterHeaders.make(of: origin, connector: "s", context: nil)) == coordinates)
        let all = DeadLetterHeaders.make(of: origin, connector: "s", context: (cause, 1))
        #expect(
            text(all) == coordinates + [
                "__connect.errors.task.id=1", "__connect.errors.stage=TASK_PUT",
                "__connect.errors.class.name=Sink.RecordDecoder",
                "__connect.errors.exception.class.name=ChangeEvents.DecodeError",
                "__connect.errors.exception.message=the number is out of the column's range",
                "__connect.errors.exception.stacktrace=ChangeEvents.DecodeError: the number is out of the column's range\n"
                    + "\tat Sink.RecordDecoder\n",
            ]
        )
    }

    @Test func `headers come back from the table as they were, with nulls, empty ones and repeated names`()
        throws
    {
        let headers = [
            RecordHeader("a", nil), RecordHeader("a", []), RecordHeader("", [0, 255]),
            RecordHeader("ä", [UInt8](repeating: 7, count: 300)),
        ]
        let bytes = HeaderBytes.encode(headers)
        #expect(HeaderBytes.decode(bytes) == headers)
        #expect(HeaderBytes.decode([]) == [])
        for count in 1..<bytes.count where HeaderBytes.decode(Array(bytes.prefix(count))) != nil {
            // A cut after a whole header leaves fewer headers, never other ones.
            #expect(headers.starts(with: try #require(HeaderBytes.decode(Array(bytes.prefix(count))))))
        }
        #expect(HeaderBytes.decode([0xFF, 0xFF, 0xFF, 0xFE]) == nil)
        #expect(HeaderBytes.decode([0x7F, 0xFF, 0xFF, 0xFF, 1]) == nil)
    }

    @Test(
        arguments: [
            (#"{"id":1}"#, #"{"id":1}"#), (#"{"schema":{"type":"struct"},"payload":{"id":2}}"#, #"{"id":2}"#),
            ("{\"id\":\n1}", #"{"id":?1}"#), ("no JSON", "no JSON"), ("", ""),
            (String(repeating: "ä", count: 121), String(repeating: "ä", count: 120) + "…"),
            (String(repeating: "😀", count: 120), String(repeating: "😀", count: 120)),
        ]
    )
    func `a key is shown without its schema, on one line and cut`(key: String, shown: String) {
        #expect(KeyExcerpt.text(Array(key.utf8).span.bytes) == shown)
    }

    @Test func `no key is nothing to show`() {
        #expect(KeyExcerpt.text(nil) == nil)
    }

    @Test func `a batch holds its dead letters until it is forgotten`() {
        var batch = Batch()
        let record = ProducerRecord(
            place: origin.place,
            key: [1],
            value: [1, 2],
            headers: [RecordHeader("a", [1])]
        )
        batch.setAside(
            DeadLetter(place: origin.place, offset: 42, reason: "no", record: record, searchStart: 0)
        )
        #expect(batch.deadLetters.map(\.origin) == [origin])
        #expect(batch.deadLetterByteCount == 5)
        batch.removeAll()
        #expect(batch.deadLetters.isEmpty && batch.deadLetterByteCount == 0)
    }
}
