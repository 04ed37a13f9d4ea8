/// How a record's table is named: `collection.name.format`.
struct TableNameFormat: Sendable {
    private enum Part: Sendable {
        case text(String)
        case topic
        /// An index into `sourceFields`.
        case source(Int)
    }

    private var parts: [Part] = []
    /// The fields of the record's `source` block that the name needs.
    private(set) var sourceFields: [String] = []
    private let identifiers: IdentifierCase

    /// Whether the topic alone decides.
    var dependsOnTopicOnly: Bool { sourceFields.isEmpty }

    /// - Throws: `Failure` for a placeholder that nobody knows, or a name of more than two parts.
    init(_ format: String, identifiers: IdentifierCase = .folded) throws(Failure) {
        self.identifiers = identifiers
        var rest = format.unicodeScalars[...]
        while let dollar = rest.firstIndex(of: "$") {
            add(.text(String(rest[..<dollar])))
            guard rest[dollar...].starts(with: "${".unicodeScalars),
                let end = rest[dollar...].firstIndex(of: "}")
            else {
                throw Failure(reason: "this version knows the placeholders ${topic} and ${source.FIELD}")
            }
            let name = String(rest[rest.index(dollar, offsetBy: 2)..<end])
            if name == "topic" {
                add(.topic)
            } else if let field = name.without(prefix: "source."), !field.isEmpty,
                !field.unicodeScalars.contains(".")
            {
                add(.source(index(of: field)))
            } else {
                throw Failure(reason: "this version knows the placeholders ${topic} and ${source.FIELD}")
            }
            rest = rest[rest.index(after: end)...]
        }
        add(.text(String(rest)))
        let sample = name(topic: "t", source: sourceFields.map { _ in "s" })
        guard !sample.trimmed.isEmpty, sample.parts(at: ".").count <= 2 else {
            throw Failure(reason: "must be a table or schema.table")
        }
    }

    struct Failure: Error {
        let reason: String
    }

    private mutating func add(_ part: Part) {
        if case .text("") = part { return }
        parts.append(part)
    }

    private mutating func index(of field: String) -> Int {
        if let known = sourceFields.firstIndex(of: field) { return known }
        sourceFields.append(field)
        return sourceFields.count - 1
    }

    /// The table's name; dots of the topic become underscores.
    ///
    /// - Parameter source: the values of `sourceFields`.
    func name(topic: String, source: [String] = []) -> String {
        let name = parts.map { part in
            switch part {
            case .text(let text): return text
            case .topic: return topic.replacingScalars(".", with: "_")
            case .source(let index): return source[index]
            }
        }.joined()
        return identifiers.name(name)
    }
}

extension PropertyReader {
    mutating func tableNameFormat(_ identifiers: IdentifierCase) -> TableNameFormat? {
        let format = read(PropertyCatalog.tableName)
        do throws(TableNameFormat.Failure) {
            return try TableNameFormat(format, identifiers: identifiers)
        } catch {
            add(PropertyCatalog.tableName, format, error.reason)
            return nil
        }
    }
}
