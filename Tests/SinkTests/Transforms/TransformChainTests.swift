import ChangeEvents
import Testing

@testable import Sink

struct TransformChainTests {
    private func problems(_ changes: [String: String]) -> [String] {
        ConfigurationFixture.problems(changes.mapValues { Optional($0) })
    }

    private func chain(_ properties: [String: String]) throws -> TransformChain {
        var reader = PropertyReader(properties)
        let chain = reader.transformChain(deletesRows: false)
        #expect(reader.finish() == [])
        return try #require(chain)
    }

    private func record(_ topic: String = "t") -> ConnectRecord {
        ConnectRecord(
            topic: topic,
            partition: 0,
            offset: 1,
            timestamp: nil,
            key: .none,
            value: .none,
            headers: []
        )
    }

    @Test func `all that is wrong with transforms is said at once`() {
        let found = problems([
            "transforms": "a,b,c,d,e,a", "transforms.b.type": "org.example.Mine",
            "transforms.c.type": "org.apache.kafka.connect.transforms.RegexRouter", "transforms.c.regex": "(",
            "transforms.d.type": "Filter", "transforms.e.type": "Filter", "transforms.e.predicate": "p",
            "transforms.f.type": "X",
        ])
        let names = [
            "transforms = \"a,b,c,d,e,a\": names a twice", "transforms.a.type: is missing",
            "transforms.b.type = \"org.example.Mine\"",
            "transforms.c.replacement: is missing", "transforms.d.predicate: is missing",
            "transforms.e.predicate = \"p\"",
        ]
        #expect(found.count == names.count)
        for (problem, name) in zip(found, names) { #expect(problem.hasPrefix(name), "\(problem)") }
    }

    @Test(
        arguments: [
            ("io.debezium.transforms.Filter", "predicate"),
            ("io.debezium.transforms.ContentBasedRouter", "RegexRouter"),
            ("io.debezium.transforms.TimezoneConverter", "timestamptz"),
            ("io.debezium.transforms.partitions.PartitionRouting", "leave it out"),
            ("org.apache.kafka.connect.transforms.Cast", "Cast$Value or Cast$Key"),
            ("com.acme.Scramble", "source connector"),
        ]
    )
    func `a class that is not here is refused with the way out`(type: String, wayOut: String) {
        let found = problems(["transforms": "t", "transforms.t.type": type])
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("transforms.t.type = \"\(type)\"") == true)
        #expect(found.first?.contains(wayOut) == true)
    }

    @Test func `transforms that topics alone decide say a topic's table before a record comes`() throws {
        let route = [
            "transforms": "r", "transforms.r.type": "RegexRouter", "transforms.r.regex": "a\\.(.*)",
            "transforms.r.replacement": "$1",
        ]
        #expect(try chain(route).topic(for: "a.b") == "b")
        #expect(try chain(route).topic(for: "c") == "c")
        let picked = route.merging([
            "transforms.r.predicate": "p", "predicates": "p", "predicates.p.type": "TopicNameMatches",
            "predicates.p.pattern": "a.x",
        ]) { $1 }
        #expect(try chain(picked).topic(for: "a.b") == "a.b")
        #expect(try chain(picked).topic(for: "a.x") == "x")
        let byHeader = picked.merging(["predicates.p.type": "HasHeaderKey", "predicates.p.name": "h"]) { $1 }
            .filter { $0.key != "predicates.p.pattern" }
        #expect(try chain(byHeader).topic(for: "a.x") == nil)
        let dropped = [
            "transforms": "f", "transforms.f.type": "Filter", "transforms.f.predicate": "p",
            "predicates": "p",
            "predicates.p.type": "TopicNameMatches", "predicates.p.pattern": "old",
        ]
        #expect(try chain(dropped).topic(for: "old") == nil)
        #expect(try chain(dropped).topic(for: "new") == "new")
        #expect(try !chain(dropped).routesByContent)
        let byContent = [
            "transforms": "u", "transforms.u.type": "ExtractNewRecordState",
            "transforms.u.route.by.field": "f",
        ]
        #expect(try chain(byContent).topic(for: "a") == nil)
        #expect(try chain(byContent).routesByContent)
        #expect(try !chain(route).routesByContent)
    }

    @Test func `a record that an expression takes too long for fails with the expression's name`() throws {
        var chain = try chain([
            "transforms": "r", "transforms.r.type": "RegexRouter", "transforms.r.regex": "(a+)+b",
            "transforms.r.replacement": "x",
        ])
        do {
            _ = try chain.run(record(String(repeating: "a", count: 200)))
            Issue.record("it must give up")
        } catch {
            #expect(error.error.reason.hasPrefix("transform r: the expression (a+)+b tries too long"))
            #expect(error.stage == .transformation)
        }
    }

    @Test(
        arguments: [
            "", "{", "{\"schema\":{},\"payload\":1}", "{\"schema\":{\"type\":\"struct\"},\"payload\":[]}",
            "\u{0}\u{0}\u{0}\u{0}\u{1}",
            "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int8\",\"field\":\"a\"},{\"type\":\"int8\",\"field\":\"a\"}]},\"payload\":{}}",
            "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int8\",\"field\":\"a\"}]},\"payload\":{\"a\":1000}}",
            String(repeating: "[", count: 500),
            "{\"schema\":" + String(repeating: "{\"type\":\"array\",\"items\":", count: 60),
            "{\"a\":99999999999999999999999}", "{\"a\":1e999999}", "1 2",
        ]
    )
    func `hostile values are refused or pass, and never end the program`(text: String) throws {
        for (kind, options) in [
            ("Cast$Value", ["spec": "a:int8"]), ("Flatten$Value", [:]), ("MaskField$Value", ["fields": "a"]),
            ("TimestampConverter$Value", ["field": "a", "target.type": "unix"]),
            ("ValueToKey", ["fields": "a"]),
            ("ExtractNewRecordState", [:]), ("EventRouter", [:]), ("ReplaceField$Value", ["exclude": "b"]),
        ] {
            var properties = ["transforms": "t", "transforms.t.type": kind]
            for (name, value) in options { properties["transforms.t.\(name)"] = value }
            var chain = try chain(properties)
            if case .record(let record)? = try? chain.run(record(), key: nil, value: Array(text.utf8)) {
                _ = try? record.value.json()
            }
        }
    }

    @Test func `a value nested as deep as JSON may be is flattened`() throws {
        var chain = try chain(["transforms": "t", "transforms.t.type": "Flatten$Value"])
        let text = String(repeating: "{\"a\":", count: 120) + "1" + String(repeating: "}", count: 120)
        guard case .record(let record) = try chain.run(record(), key: nil, value: Array(text.utf8)) else {
            Issue.record("it is no record to drop")
            return
        }
        let name = Array(repeating: "a", count: 120).joined(separator: ".")
        #expect(try record.value.json() == Array("{\"\(name)\":1}".utf8))
    }

    @Test func `a number that no type has room for keeps its digits where nothing looks at it`() throws {
        var chain = try chain([
            "transforms": "t", "transforms.t.type": "ReplaceField$Value", "transforms.t.exclude": "b",
        ])
        let text = "{\"a\":123456789012345678901234567890.5,\"b\":1}"
        guard case .record(let record) = try chain.run(record(), key: nil, value: Array(text.utf8)) else {
            return
        }
        #expect(try record.value.json() == Array("{\"a\":123456789012345678901234567890.5}".utf8))
    }
}
