/// How a record's table is named: `collection.name.format`.
struct TableNameFormat: Sendable {
    /// What becomes of a topic's name.
    enum TopicRule: Hashable, Sendable {
        /// Dots become underscores, as with Debezium.
        case underscores
        /// All but letters, digits and underscores become underscores, as with Aiven's `table.name.normalize`.
        case normalized
        /// A dot separates schema and table, as with Confluent and Aiven; the database may stand in front of both.
        case path(database: String?)

        func name(_ topic: String) -> String {
            switch self {
            case .underscores: return topic.replacingScalars(".", with: "_")
            case .normalized:
                let isKept = { (scalar: Unicode.Scalar) in
                    scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                        || scalar == "_"
                }
                return String(String.UnicodeScalarView(topic.unicodeScalars.map { isKept($0) ? $0 : "_" }))
            case .path(let database):
                var parts = topic.parts(at: ".", keepingEmpty: true)
                if parts.count == 3, let database, parts[0].isSame(as: database) { parts.removeFirst() }
                let isPath = parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
                return parts.joined(separator: isPath ? "." : "_")
            }
        }
    }

    private enum Part: Sendable {
        case text(String)
        case topic
        /// An index into `sourceFields`.
        case source(Int)
    }

    /// What the name is made of; a part in quotation marks keeps its case.
    private var parts: [(part: Part, isQuoted: Bool)] = []
    /// The fields of the record's `source` block that the name needs.
    private(set) var sourceFields: [String] = []
    private let identifiers: IdentifierCase
    private let topicRule: TopicRule

    /// Whether the topic alone decides.
    var dependsOnTopicOnly: Bool { sourceFields.isEmpty }

    /// - Parameter database: the destination's, which may stand in front of schema and table.
    /// - Throws: `Failure` for a placeholder that nobody knows, or a name of more than two parts.
    init(
        _ format: String,
        identifiers: IdentifierCase = .folded,
        topicRule: TopicRule = .underscores,
        database: String? = nil
    ) throws(Failure) {
        (self.identifiers, self.topicRule) = (identifiers, topicRule)
        var rest = Self.withoutDatabase(format, database).unicodeScalars[...]
        var isQuoted = false
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"":
                add(text, isQuoted)
                text = String.UnicodeScalarView()
                isQuoted.toggle()
            case "." where isQuoted:
                throw Failure(reason: "a name in quotation marks can't have a dot here")
            case "$":
                add(text, isQuoted)
                text = String.UnicodeScalarView()
                try addPlaceholder(&rest, isQuoted)
            default: text.append(scalar)
            }
        }
        guard !isQuoted else { throw Failure(reason: "a quotation mark is not closed") }
        add(text, false)
        let sample = name(topic: "t", source: sourceFields.map { _ in "s" })
        guard !sample.trimmed.isEmpty, sample.parts(at: ".").count <= 2 else {
            throw Failure(reason: "must be a table or schema.table")
        }
    }

    struct Failure: Error {
        let reason: String
    }

    /// The format without the destination's own database in front of a schema and a table.
    private static func withoutDatabase(_ format: String, _ database: String?) -> String {
        guard let database, let rest = format.without(prefix: database + "."),
            rest.parts(at: ".", keepingEmpty: true).count == 2
        else { return format }
        return rest
    }

    /// Reads what follows a `$`.
    private mutating func addPlaceholder(
        _ rest: inout String.UnicodeScalarView.SubSequence,
        _ isQuoted: Bool
    ) throws(Failure) {
        let unknown = Failure(reason: "this version knows the placeholders ${topic} and ${source.FIELD}")
        guard rest.first == "{", let end = rest.firstIndex(of: "}") else { throw unknown }
        let name = String(rest[rest.index(after: rest.startIndex)..<end])
        rest = rest[rest.index(after: end)...]
        if name == "topic" {
            parts.append((.topic, isQuoted))
        } else if let field = name.without(prefix: "source."), !field.isEmpty,
            !field.unicodeScalars.contains(".")
        {
            parts.append((.source(index(of: field)), isQuoted))
        } else {
            throw unknown
        }
    }

    private mutating func add(_ text: String.UnicodeScalarView, _ isQuoted: Bool) {
        if !text.isEmpty { parts.append((.text(String(text)), isQuoted)) }
    }

    private mutating func index(of field: String) -> Int {
        if let known = sourceFields.firstIndex(of: field) { return known }
        sourceFields.append(field)
        return sourceFields.count - 1
    }

    /// The table's name.
    ///
    /// - Parameter source: the values of `sourceFields`.
    func name(topic: String, source: [String] = []) -> String {
        parts.map { part, isQuoted in
            let text: String
            switch part {
            case .text(let given): text = given
            case .topic: text = topicRule.name(topic)
            case .source(let index): text = source[index]
            }
            return isQuoted ? text : identifiers.name(text)
        }.joined()
    }
}

extension PropertyReader {
    /// - Parameters:
    ///   - isConfluent: whether the configuration is Confluent's or Aiven's.
    ///   - database: the destination's.
    mutating func tableNameFormat(
        _ identifiers: IdentifierCase,
        isConfluent: Bool = false,
        database: String? = nil
    ) -> TableNameFormat? {
        let format = read(PropertyCatalog.tableName)
        let normalizes = read(PropertyCatalog.normalization)
        do throws(TableNameFormat.Failure) {
            return try TableNameFormat(
                format,
                identifiers: identifiers,
                topicRule: normalizes ? .normalized : isConfluent ? .path(database: database) : .underscores,
                database: database
            )
        } catch {
            add(PropertyCatalog.tableName, format, error.reason)
            return nil
        }
    }
}
