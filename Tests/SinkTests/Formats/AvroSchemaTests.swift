import Foundation
import Testing

@testable import Formats

struct AvroSchemaTests {
    private typealias Fixture = AvroTextFixture

    /// One field's Avro type and default, and its Connect schema.
    @Test(
        arguments: [
            (#""boolean""#, nil, #"{"type":"boolean","optional":false}"#),
            (#""int""#, "5", #"{"type":"int32","optional":false,"default":5}"#),
            (#"{"type":"int","connect.type":"int16"}"#, nil, #"{"type":"int16","optional":false}"#),
            (#"{"type":"int","connect.type":"int8"}"#, nil, #"{"type":"int8","optional":false}"#),
            (#""float""#, "1.5", #"{"type":"float","optional":false,"default":1.5}"#),
            (#"["null","long"]"#, "null", #"{"type":"int64","optional":true}"#),
            (#"["long","null"]"#, "7", #"{"type":"int64","optional":true,"default":7}"#),
            (#""string""#, #""x""#, #"{"type":"string","optional":false,"default":"x"}"#),
            (#""bytes""#, #""\u00ff\u0000""#, #"{"type":"bytes","optional":false,"default":"/wA="}"#),
            (#"{"type":"fixed","name":"F","size":3}"#, nil, #"{"type":"bytes","optional":false}"#),
            (#"{"type":"enum","name":"E","symbols":["A"]}"#, nil, #"{"type":"string","optional":false}"#),
            (
                #"{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}"#, nil,
                #"{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2","connect.decimal.precision":"10"}}"#
            ),
            (
                #"{"type":"bytes","scale":3,"precision":64,"connect.version":1,"connect.parameters":{"scale":"3"},"connect.name":"org.apache.kafka.connect.data.Decimal","logicalType":"decimal"}"#,
                nil,
                #"{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"3"}}"#
            ),
            (
                #"{"type":"int","logicalType":"date"}"#, nil,
                #"{"type":"int32","optional":false,"name":"org.apache.kafka.connect.data.Date","version":1}"#
            ),
            (
                #"{"type":"long","logicalType":"timestamp-micros"}"#, nil,
                #"{"type":"int64","optional":false,"name":"io.debezium.time.MicroTimestamp","version":1}"#
            ),
            (
                #"["null",{"type":"long","connect.version":1,"connect.name":"io.debezium.time.NanoTime"}]"#,
                nil,
                #"{"type":"int64","optional":true,"name":"io.debezium.time.NanoTime","version":1}"#
            ),
            // An unknown logical type, or one of another type, is none.
            (#"{"type":"string","logicalType":"decimal"}"#, nil, #"{"type":"string","optional":false}"#),
            (
                #"{"type":"string","connect.default":"d","connect.name":"io.debezium.data.Json"}"#, #""d""#,
                #"{"type":"string","optional":false,"name":"io.debezium.data.Json","default":"d"}"#
            ),
            (
                #"{"type":"array","items":["null","int"]}"#, nil,
                #"{"type":"array","optional":false,"items":{"type":"int32","optional":true}}"#
            ),
            (
                #"{"type":"map","values":"long"}"#, nil,
                #"{"type":"map","optional":false,"keys":{"type":"string","optional":false},"values":{"type":"int64","optional":false}}"#
            ),
            (#"["null","int","long"]"#, nil, #"{"type":"int64","optional":true}"#),
            (
                #"{"type":"record","name":"P","namespace":"n.s","fields":[{"name":"x","type":"double"}]}"#,
                nil,
                #"{"type":"struct","optional":false,"name":"n.s.P","fields":[{"type":"double","optional":false,"field":"x"}]}"#
            ),
        ] as [(String, String?, String)]
    )
    func `a type becomes Connect's`(type: String, fallback: String?, expected: String) throws {
        let rest = fallback.map { #","default":\#($0)"# } ?? ""
        let schema = #"{"type":"record","name":"R","fields":[{"name":"f","type":\#(type)\#(rest)}]}"#
        let fields = try #require(Fixture.connectSchema(schema)["fields"] as? [NSDictionary])
        let wanted = try #require(
            JSONSerialization.jsonObject(with: Data(expected.utf8)) as? [String: Any]
        )
        #expect(fields == [wanted.merging(["field": "f"]) { $1 } as NSDictionary])
    }

    @Test func `a value of several types has no schema, and is written as itself`() throws {
        let schema = #"{"type":"record","name":"R","fields":[{"name":"f","type":["null","int","string"]}]}"#
        #expect(try Fixture.connectSchema(schema)["fields"] == nil)
        #expect(try Fixture.payload(schema, [4, 2, 0x61]) == #"{"f":"a"}"#)
    }

    @Test(
        arguments: [
            "", "{", "5", "[]", #""unheard""#, #"{"name":"x"}"#, #"{"type":"record","fields":[]}"#,
            #"{"type":"array"}"#, #"{"type":"map"}"#, #"{"type":"fixed","name":"F"}"#,
            #"{"type":"fixed","name":"F","size":-1}"#,
            #"{"type":"fixed","name":"F","size":99999999999999999999}"#,
            #"{"type":"enum","name":"E","symbols":[1]}"#,
            #"{"type":"record","name":"R","fields":[{"name":"a"}]}"#,
            #"["null",{"type":"fixed","name":"F","size":1},{"type":"fixed","name":"F","size":1}]"#,
            String(repeating: #"{"type":"array","items":"#, count: 60) + #""int""#
                + String(repeating: "}", count: 60),
            String(repeating: "[", count: 100_000),
        ]
    )
    func `what is no schema is refused`(text: String) {
        #expect(throws: SchemaError.self) { try AvroSchema(Array(text.utf8)) }
    }

    @Test func `names are found by their namespaces, and in other schemas`() throws {
        let other = #"{"type":"enum","name":"Color","namespace":"shop","symbols":["RED","BLUE"]}"#
        let schema = #"""
            {"type":"record","name":"shop.Item","aliases":["Old"],"fields":[
              {"name":"a","type":"Color"},{"name":"b","type":"shop.Color"},
              {"name":"c","type":{"type":"record","name":"In","namespace":"","fields":[{"name":"d","type":"shop.Color"}]}}]}
            """#
        #expect(
            try Fixture.payload(schema, [0, 2, 0], [other]) == #"{"a":"RED","b":"BLUE","c":{"d":"RED"}}"#
        )
        #expect(throws: SchemaError.self) { try Fixture.payload(schema, [0, 2, 0]) }
    }

    private static let event = #"""
        {"type":"record","name":"Envelope","namespace":"p.public.t","connect.name":"p.public.t.Envelope","fields":[
         {"name":"before","type":["null",{"type":"record","name":"Value","fields":[{"name":"id","type":"int"}]}],"default":null},
         {"name":"after","type":["null","Value"],"default":null},
         {"name":"source","type":{"type":"record","name":"S","fields":[{"name":"table","type":"string"},{"name":"xs","type":{"type":"array","items":"int"}}]}},
         {"name":"op","type":"string"},{"name":"ts_ms","type":["null","long"],"default":null}]}
        """#

    @Test(
        arguments: [
            (EventScope.row, #"{"before":null,"after":{"id":7},"source":{},"op":"c"}"#, ["after", "op"]),
            (
                .rowAndSource, #"{"before":null,"after":{"id":7},"source":{"table":"t","xs":[1]},"op":"c"}"#,
                ["after", "op"]
            ),
            (
                .whole,
                #"{"before":null,"after":{"id":7},"source":{"table":"t","xs":[1]},"op":"c","ts_ms":1}"#,
                ["before", "after", "source", "op", "ts_ms"]
            ),
        ]
    )
    func `of a change event what the sink reads is written`(scope: EventScope, text: String, fields: [String])
        throws
    {
        let bytes: [UInt8] = [0, 2, 14, 2, 0x74, 2, 2, 0, 2, 0x63, 2, 2]
        let plan = try Fixture.plan(Self.event, scope: scope)
        #expect(try Fixture.payload(plan, bytes) == text)
        let schema = try Fixture.connectSchema(Self.event, scope: scope)
        #expect(schema["name"] as? String == "p.public.t.Envelope")
        #expect((schema["fields"] as? [NSDictionary])?.compactMap { $0["field"] as? String } == fields)
    }
}
