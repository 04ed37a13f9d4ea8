import Foundation
import Testing

@testable import Formats

struct JSONSchemaTypeTests {
    /// A property's JSON Schema, and its Connect schema.
    @Test(
        arguments: [
            (#"{"type":"integer","connect.type":"int32"}"#, #"{"type":"int32","optional":false}"#),
            (#"{"type":"integer"}"#, #"{"type":"int64","optional":false}"#),
            (#"{"type":"number","connect.type":"float32"}"#, #"{"type":"float","optional":false}"#),
            (#"{"type":"number"}"#, #"{"type":"double","optional":false}"#),
            (#"{"type":["null","string"]}"#, #"{"type":"string","optional":true}"#),
            (
                #"{"oneOf":[{"type":"null"},{"type":"integer","title":"io.debezium.time.Date","connect.version":1,"connect.type":"int32"}]}"#,
                #"{"type":"int32","optional":true,"name":"io.debezium.time.Date","version":1}"#
            ),
            (
                #"{"type":"number","title":"org.apache.kafka.connect.data.Decimal","connect.version":1,"connect.type":"bytes","connect.parameters":{"scale":"2"}}"#,
                #"{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2"}}"#
            ),
            (
                #"{"type":"array","items":{"type":"string"}}"#,
                #"{"type":"array","optional":false,"items":{"type":"string","optional":false}}"#
            ),
            (
                #"{"type":"object","connect.type":"map","additionalProperties":{"type":"string"}}"#,
                #"{"type":"map","optional":false}"#
            ),
            (
                ##"{"$ref":"#/definitions/p~1q"}"##,
                #"{"type":"struct","optional":false,"fields":[{"type":"boolean","optional":false,"field":"b"}]}"#
            ),
            (#"{"$ref":"other.json"}"#, #"{"type":"string","optional":false,"default":"d"}"#),
            (#"{"enum":["a","b"]}"#, #"{"type":"string","optional":false}"#),
        ]
    )
    func `a type becomes Connect's`(type: String, expected: String) throws {
        let schema = #"""
            {"type":"object","title":"t.Value","properties":{"f":\#(type)},
             "definitions":{"p/q":{"type":"object","properties":{"b":{"type":"boolean"}}}}}
            """#
        let compiled = try CompiledSchema(
            FetchedSchema(
                language: .jsonSchema,
                text: Array(schema.utf8),
                references: [.init(name: "other.json", text: Array(#"{"type":"string","default":"d"}"#.utf8))]
            ),
            scope: .whole
        )
        let found = try AvroTextFixture.dictionary(
            String(decoding: compiled.prefix, as: UTF8.self) + "0}",
            "schema"
        )
        var wanted = try #require(JSONSerialization.jsonObject(with: Data(expected.utf8)) as? [String: Any])
        wanted["field"] = "f"
        #expect(found["fields"] as? [NSDictionary] == [wanted as NSDictionary])
        #expect(found["name"] as? String == "t.Value")
    }

    @Test func `fields are in the order that Connect noted`() throws {
        let schema = #"""
            {"type":"object","properties":{"z":{"type":"string","connect.index":0},"a":{"type":"string","connect.index":2},
             "b":{"type":"string","connect.index":1}}}
            """#
        var type = JSONSchemaType(try SchemaTree(Array(schema.utf8)))
        #expect(type.connectType().fields.map(\.name) == ["z", "b", "a"])
    }

    @Test func `a schema that refers to itself ends`() throws {
        var type = JSONSchemaType(
            try SchemaTree(
                Array(##"{"type":"object","properties":{"n":{"$ref":"#"},"m":{"$ref":"#"}}}"##.utf8)
            )
        )
        #expect(type.connectType().payloadStart.count < 8 << 20)
    }
}
