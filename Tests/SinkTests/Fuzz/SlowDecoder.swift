/// What a record must become, worked out on a tree: upserts by `record_key`, deletes on, truncates off.
enum SlowDecoder {
    /// A column of the fixtures' table.
    enum Kind { case smallint, integer, bigint, boolean, text, number, numeric }

    /// The fixtures' table, its key first.
    static let columns: [(name: String, kind: Kind)] = [
        ("id", .integer), ("v", .bigint), ("flag", .boolean), ("note", .text), ("ratio", .number),
        ("small", .smallint), ("amount", .numeric),
    ]

    /// What the program must make of a record if it accepts it.
    enum Outcome: Equatable {
        case refused
        /// Nothing is changed.
        case nothing
        case delete(key: String)
        /// A cell each: `-` absent, `null`, the text, or `nil` where the tree does not say it.
        case upsert([String?])
    }

    static func decode(key: [UInt8]?, value: [UInt8]?) -> Outcome {
        guard let value else { return delete(key) }
        guard let document = SlowJSON.parse(value) else { return .refused }
        let payload = payload(of: document)
        if payload.isNull { return delete(key) }
        guard case .object(let members) = payload, !members.isEmpty else { return .refused }
        let row: SlowJSON
        var isFlat = false
        if let op = payload["op"], payload["source"]?.isObject == true,
            payload["before"] != nil || payload["after"] != nil || payload["message"] != nil
        {
            guard case .string(let bytes?) = op else { return .refused }
            switch String(decoding: bytes, as: UTF8.self) {
            case "d": return delete(key)
            case "t", "m": return .nothing
            case "c", "u", "r":
                guard let after = payload["after"], after.isObject else { return .refused }
                row = after
            default: return .refused
            }
        } else {
            if let deleted = payload["__deleted"] {
                switch deleted {
                case .boolean(true), .string(Array("true".utf8)): return delete(key)
                case .boolean(false), .string(Array("false".utf8)), .null: break
                default: return .refused
                }
            }
            (row, isFlat) = (payload, true)
        }
        guard let keyCell = cell(ofKey: key), case .object(let fields) = row else { return .refused }
        var cells = [String?](repeating: "-", count: columns.count)
        cells[0] = keyCell
        for field in fields {
            guard let bytes = field.name else { return .refused }
            let name = String(decoding: bytes, as: UTF8.self)
            guard let index = columns.firstIndex(where: { $0.name == name.lowercased() }) else {
                if isFlat, name.hasPrefix("__") { continue }
                return .refused
            }
            if index == 0 { continue }
            switch cell(field.value, columns[index].kind) {
            case .refused: return .refused
            case .text(let text): cells[index] = text
            case .unknown: cells[index] = nil
            }
        }
        return .upsert(cells)
    }

    private static func payload(of document: SlowJSON) -> SlowJSON {
        guard case .object(let members) = document, members.count == 2, let schema = document["schema"],
            let payload = document["payload"], schema.isNull || schema.isObject
        else { return document }
        return payload
    }

    private static func delete(_ key: [UInt8]?) -> Outcome {
        cell(ofKey: key).map { .delete(key: $0) } ?? .refused
    }

    /// The key's cell, or `nil` when it is none.
    private static func cell(ofKey key: [UInt8]?) -> String? {
        guard let document = key.flatMap(SlowJSON.parse) else { return nil }
        var value = payload(of: document)
        if case .object(let members) = value {
            let isID = members.allSatisfy {
                $0.name.map { String(decoding: $0, as: UTF8.self).lowercased() } == "id"
            }
            guard isID, let last = members.last?.value else { return nil }
            value = last
        }
        guard case .text(let text) = cell(value, .integer), text != "null" else { return nil }
        return text
    }

    private enum Cell {
        case refused
        case text(String)
        /// The record's schema decides, which is not looked at here.
        case unknown
    }

    private static func cell(_ value: SlowJSON, _ kind: Kind) -> Cell {
        switch (value, kind) {
        case (.null, _): return .text("null")
        case (.boolean(let flag), .boolean): return .text(flag ? "1" : "0")
        case (.number(let text), .smallint): return Int16(text).map { .text(String($0)) } ?? .refused
        case (.number(let text), .integer): return Int32(text).map { .text(String($0)) } ?? .refused
        case (.number(let text), .bigint): return Int64(text).map { .text(String($0)) } ?? .refused
        case (.number(let text), .number), (.number(let text), .numeric): return .text(text)
        case (.string, .number), (.string, .numeric), (.object, .numeric): return .unknown
        case (.string(let bytes?), .text):
            guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
                return .refused
            }
            return .text(text)
        default: return .refused
        }
    }
}
