import ChangeEvents
import Testing

@testable import Sink

struct SourceFieldsTests {
    private func read(_ text: String?, _ names: [String] = ["schema", "table"]) throws -> [String]? {
        var fields = SourceFields(names)
        let bytes = text.map { Array($0.utf8) }
        guard try fields.read(bytes?.span.bytes, topicIndex: 0), let bytes else { return nil }
        return try fields.values(bytes.span.bytes)
    }

    @Test(
        arguments: [
            #"{"op":"c","before":null,"after":{"table":"no"},"source":{"schema":"s","x":[1],"table":"t\u00e4"}}"#,
            #"{"schema":{},"payload":{"op":"t","after":null,"before":null,"source":{"table":"tä","schema":"s"}}}"#,
            #"{"id":1,"__op":"c","__source_table":"tä","__schema":"s"}"#,
        ]
    )
    func `the source block or its flattened fields name the table`(value: String) throws {
        #expect(try read(value) == ["s", "tä"])
    }

    @Test(
        arguments: [
            nil, "null", #"{"schema":null,"payload":null}"#,
            #"{"op":"m","message":{"prefix":"p"},"source":{"schema":"","table":""}}"#,
        ]
    )
    func `tombstones and messages name none and change nothing`(value: String?) throws {
        #expect(try read(value) == nil)
    }

    @Test(
        arguments: [
            #"{"op":"c","after":{},"source":{"schema":"s"}}"#, #"{"id":1,"table":"t","schema":"s"}"#,
            #"{"op":"c","after":{},"source":{"schema":null,"table":"t"}}"#,
            #"{"op":"c","after":{},"source":{"schema":"s","table":""}}"#,
            #"{"op":"c","after":{},"source":{"schema":"s","table":"a.b"}}"#,
        ]
    )
    func `a change that does not say its table is refused`(value: String) {
        #expect(throws: DecodeError.self) { try read(value) }
    }

    @Test func `combinations differ by topic and by each value`() throws {
        var fields = SourceFields(["schema", "table"])
        var keys: Set<[UInt8]> = []
        for (topic, schema, table) in [(0, "a", "bc"), (0, "ab", "c"), (1, "a", "bc")] {
            let value = Array(
                #"{"op":"c","after":{},"source":{"schema":"\#(schema)","table":"\#(table)"}}"#.utf8
            )
            #expect(try fields.read(value.span.bytes, topicIndex: topic))
            keys.insert(fields.key)
        }
        #expect(keys.count == 3)
    }
}
