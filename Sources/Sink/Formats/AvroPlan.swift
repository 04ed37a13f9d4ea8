import ChangeEvents

/// A writer's schema, compiled once: what comes next in the bytes, and what is written for it.
///
/// Step i is what node i of the schema became, and refers to other steps, fields and texts by number: so a record is
/// decoded without any reference count.
final class AvroPlan: Sendable {
    enum Operation: UInt8, Sendable {
        case null, boolean, int, long, float, double, bytes, string
        /// `count` bytes.
        case fixed
        /// Sixteen bytes that are a UUID.
        case uuid
        /// One of `count` texts from `first` on.
        case enumeration
        /// Items of step `first`.
        case array
        /// Texts with values of step `first`.
        case map
        /// Keys of step `first` with values of step `count`, as an array of pairs.
        case entries
        /// `count` fields from `first` on.
        case record
        /// One of `count` branches from `first` on.
        case union
    }

    struct Step: Sendable {
        var operation: Operation
        var first: Int32 = 0
        var count: Int32 = 0
    }

    struct Field: Sendable {
        /// What stands before the value, from here in the texts: `,"name":`, the comma left out in front of the first.
        var textStart: Int32
        var textCount: Int32
        var step: Int32
        /// Nobody reads it: its bytes are stepped over.
        var isSkipped = false
        /// Only whether it is null is looked at.
        var isEmptied = false
    }

    struct Text: Sendable {
        var start: Int32
        var count: Int32
    }

    let steps: [Step]
    let fields: [Field]
    let branches: [Int32]
    let symbols: [Text]
    let texts: [UInt8]
    let root: Int
    /// `{"schema":…,"payload":`.
    let prefix: [UInt8]

    /// Types that a schema's text repeats, at most.
    private static let typeBudget = 20_000

    /// - Parameter scope: which parts of a change event are wanted.
    /// - Throws: `SchemaError` for names that take too much room.
    init(_ schema: AvroSchema, scope: EventScope) throws(SchemaError) {
        var budget = Self.typeBudget
        let type = schema.connectType(schema.root, budget: &budget) ?? ConnectType("string")
        let isEvent = scope != .whole && type.isEvent
        prefix = (isEvent ? type.reduced : type).payloadStart
        root = schema.root
        var builder = AvroPlanBuilder()
        for index in schema.nodes.indices { try builder.add(index, schema) }
        if isEvent { builder.reduce(root, scope) }
        steps = builder.steps
        fields = builder.fields
        branches = builder.branches
        symbols = builder.symbols
        texts = builder.texts
    }
}

/// Makes the steps of a plan.
private struct AvroPlanBuilder {
    typealias Step = AvroPlan.Step
    typealias Field = AvroPlan.Field
    typealias Text = AvroPlan.Text

    var steps: [Step] = []
    var fields: [Field] = []
    var branches: [Int32] = []
    var symbols: [Text] = []
    var texts: [UInt8] = []
    private static let textLimit = 64 << 20

    mutating func add(_ index: Int, _ schema: AvroSchema) throws(SchemaError) {
        steps.append(try step(index, schema))
    }

    private mutating func step(_ index: Int, _ schema: AvroSchema) throws(SchemaError) -> Step {
        let node = schema.nodes[index]
        switch node.kind {
        case .null: return Step(operation: .null)
        case .boolean: return Step(operation: .boolean)
        case .int: return Step(operation: .int)
        case .long: return Step(operation: .long)
        case .float: return Step(operation: .float)
        case .double: return Step(operation: .double)
        case .bytes: return Step(operation: .bytes)
        case .string: return Step(operation: .string)
        case .fixed(let size):
            return Step(operation: schema.isUUID(node) ? .uuid : .fixed, count: Int32(size))
        case .enumeration(let names):
            let first = symbols.count
            for name in names { symbols.append(try keep(JSONText.quoted(Array(name.utf8)))) }
            return Step(operation: .enumeration, first: Int32(first), count: Int32(names.count))
        case .array(let item):
            guard let entry = schema.mapEntry(item) else {
                return Step(operation: .array, first: Int32(item))
            }
            return Step(operation: .entries, first: Int32(entry.key), count: Int32(entry.value))
        case .map(let value): return Step(operation: .map, first: Int32(value))
        case .union(let nodes):
            let first = branches.count
            branches += nodes.map { Int32($0) }
            return Step(operation: .union, first: Int32(first), count: Int32(nodes.count))
        case .record(let list):
            let first = fields.count
            for field in list {
                let text = try keep(
                    [UInt8(ascii: ",")] + JSONText.quoted(Array(field.name.utf8)) + [UInt8(ascii: ":")]
                )
                fields.append(Field(textStart: text.start, textCount: text.count, step: Int32(field.node)))
            }
            return Step(operation: .record, first: Int32(first), count: Int32(list.count))
        }
    }

    private mutating func keep(_ text: [UInt8]) throws(SchemaError) -> Text {
        guard texts.count + text.count < Self.textLimit else {
            throw SchemaError("the schema's names are too long")
        }
        texts += text
        return Text(start: Int32(texts.count - text.count), count: Int32(text.count))
    }

    /// Leaves out what the sink does not read of a change event.
    mutating func reduce(_ root: Int, _ scope: EventScope) {
        let record = steps[root]
        for index in Int(record.first)..<Int(record.first + record.count) {
            let text = texts[Int(fields[index].textStart)...].prefix(Int(fields[index].textCount))
            // Comma, quote, name, quote, colon.
            switch String(decoding: text.dropFirst(2).dropLast(2), as: UTF8.self) {
            case "op", "before", "after", "message": continue
            case "source": fields[index].isEmptied = scope == .row
            default: fields[index].isSkipped = true
            }
        }
    }
}

/// Which parts of a change event are written.
public enum EventScope: Sendable, Hashable {
    /// The row, before and after, and what happened.
    case row
    /// That, and where in the source it comes from.
    case rowAndSource
    case whole
}

extension ConnectType {
    /// Whether the schema is that of Debezium's envelope: its name says so, and its fields do.
    fileprivate var isEvent: Bool {
        guard type == "struct", name?.ends(with: ".Envelope") == true else { return false }
        let names = fields.map(\.name)
        return names.holds("op") && names.holds("source") && (names.holds("after") || names.holds("before"))
    }

    /// What the sink reads of an event's schema: the row's, and that it is an event's.
    fileprivate var reduced: ConnectType {
        var type = self
        type.fields = fields.filter { ["after", "op"].holds($0.name) }
        return type
    }
}
