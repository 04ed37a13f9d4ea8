import Foundation

@testable import Sink

/// A case of `Tests/TransformCases/cases.jsonl`: transforms, records, and what Connect's own classes made of them.
struct TransformCase {
    struct Given {
        var record: ConnectRecord
        let key: [UInt8]?
        let value: [UInt8]?
    }

    enum Answer {
        case dropped
        case error(String)
        case record(topic: String, key: [UInt8]?, value: [UInt8]?, headers: [(name: String, value: [UInt8]?)])
    }

    let line: Int
    let config: [String: String]
    let given: [Given]
    /// `nil` where the classes refuse the configuration.
    let answers: [Answer]?

    static func all() throws -> [TransformCase] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("TransformCases/cases.jsonl")
        let lines = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map { line in
            try JSONSerialization.jsonObject(with: line) as! [String: Any]
        }
        let texts = lines[0]["texts"] as! [String]
        let records = lines[0]["records"] as! [[String: Any]]
        return lines.dropFirst().enumerated().map { index, line in
            TransformCase(
                line: index + 2,
                config: line["config"] as! [String: String],
                given: (line["records"] as! [Int]).map { given(records[$0], texts) },
                answers: (line["results"] as? [[String: Any]])?.map { answer($0, texts) }
            )
        }
    }

    private static func text(_ number: Any?, _ texts: [String]) -> [UInt8]? {
        (number as? Int).map { Array(texts[$0].utf8) }
    }

    private static func pairs(_ list: Any?) -> [(name: String, value: [UInt8]?)] {
        (list as? [[Any]] ?? []).map { ($0[0] as! String, ($0[1] as? String).map { Array($0.utf8) }) }
    }

    private static func given(_ line: [String: Any], _ texts: [String]) -> Given {
        let record = ConnectRecord(
            topic: line["topic"] as! String,
            partition: Int32(line["partition"] as! Int),
            offset: Int64(line["offset"] as! Int),
            timestamp: (line["timestamp"] as? Int).map { Int64($0) },
            key: .none,
            value: .none,
            headers: pairs(line["headers"]).map { ConnectHeader(name: $0.name, content: .bytes($0.value)) }
        )
        return Given(record: record, key: text(line["key"], texts), value: text(line["value"], texts))
    }

    private static func answer(_ line: [String: Any], _ texts: [String]) -> Answer {
        if line["dropped"] != nil { return .dropped }
        if let error = line["error"] as? String { return .error(error) }
        return .record(
            topic: line["topic"] as! String,
            key: text(line["key"], texts),
            value: text(line["value"], texts),
            headers: pairs(line["headers"])
        )
    }
}

/// Keys and values as texts that are the same for equal ones, however they are written.
enum Canonical {
    static func text(_ bytes: [UInt8]?) throws -> String {
        guard let bytes else { return "nothing" }
        var memory = SchemaMemory()
        return try text(ConnectDatum(bytes, &memory))
    }

    static func text(_ datum: ConnectDatum) throws -> String {
        if datum.isNull { return "nothing" }
        var schema: [UInt8] = []
        datum.schema?.append(to: &schema)
        return String(decoding: schema, as: UTF8.self) + " " + (try text(datum.value, datum.schema))
    }

    static func text(_ value: ConnectValue, _ schema: ConnectSchema?) throws -> String {
        switch try value.opened(schema) {
        case .null: return "null"
        case .raw: return "raw"
        case .boolean(let flag): return "\(flag)"
        case .integer(let number): return "\(number)"
        case .float(let number): return "\(number)"
        case .double(let number): return "\(number)"
        case .text(let text): return "\"\(text)\""
        case .array(let elements):
            return "[" + (try elements.map { try text($0, schema?.items) }).joined(separator: ",") + "]"
        case .structure(let fields):
            let parts = try zip(schema!.fields, fields).map { "\($0.name):\(try text($1, $0.schema))" }
            return "{" + parts.joined(separator: ",") + "}"
        case .object(let members):
            let parts = try members.map { "\($0.name):\(try text($0.value, schema?.items))" }
            return "{" + parts.sorted().joined(separator: ",") + "}"
        }
    }
}
