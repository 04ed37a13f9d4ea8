/// Which fields of a record's value are written: `field.include.list` or `field.exclude.list`.
///
/// An entry is a field, or `topic:field`; between slashes it is a regular expression that either of the two
/// must match as a whole. Key columns are always written, as with the peers.
struct FieldFilter: Sendable {
    fileprivate enum Entry: Sendable {
        case name(String)
        case pattern(NamePattern)
    }

    private var entries: [Entry] = []
    /// Whether the entries are the fields to write, or those to leave out.
    private var includes = false
    private var identifiers = IdentifierCase.folded

    /// Whether all fields are written.
    var isEmpty: Bool { entries.isEmpty }

    init() {}

    /// Whether a field of a topic is written.
    func passes(_ field: String, of topic: String) -> Bool {
        guard !isEmpty else { return true }
        let name = identifiers.name(field)
        let isListed = entries.contains { entry in
            switch entry {
            case .name(let text): return text.isSame(as: name) || text.isSame(as: "\(topic):\(name)")
            case .pattern(let pattern):
                return pattern.matches(field) || pattern.matches(name) || pattern.matches("\(topic):\(field)")
            }
        }
        return isListed == includes
    }

    /// The list's entries; a comma between slashes is part of the expression.
    static func split(_ list: String) -> [String] {
        var entries: [String] = []
        var rest = list.unicodeScalars[...]
        while !rest.isEmpty {
            rest = rest.drop { $0 == "," || $0.properties.isWhitespace }
            var end = rest.firstIndex(of: ",") ?? rest.endIndex
            if rest.first == "/" {
                // It ends at a slash in front of a comma or the end.
                var position = rest.index(after: rest.startIndex)
                while let slash = rest[position...].firstIndex(of: "/") {
                    position = rest.index(after: slash)
                    let next = rest[position...].first { !$0.properties.isWhitespace }
                    guard next == nil || next == "," else { continue }
                    end = position
                    break
                }
            }
            let entry = Substring(rest[..<end]).trimmed
            if !entry.isEmpty { entries.append(entry) }
            rest = rest[end...]
        }
        return entries
    }

    /// Takes the properties; both at once are refused elsewhere.
    init(_ reader: inout PropertyReader, modes: WriteModes) {
        identifiers = modes.identifiers
        let included = reader.read(PropertyCatalog.includedFields)
        let excluded = reader.read(PropertyCatalog.excludedFields)
        includes = !Self.split(included ?? "").isEmpty
        let property = includes ? PropertyCatalog.includedFields : PropertyCatalog.excludedFields
        let list = (includes ? included : excluded) ?? ""
        for text in Self.split(list) {
            guard text.utf8.count > 2, text.begins(with: "/"), text.ends(with: "/") else {
                entries.append(.name(named(text)))
                continue
            }
            do throws(NamePattern.Failure) {
                entries.append(
                    .pattern(
                        try NamePattern(String(decoding: text.utf8.dropFirst().dropLast(), as: UTF8.self))
                    )
                )
            } catch {
                reader.add(property, list, "\(text) is no regular expression: \(error.reason)")
            }
        }
        guard !includes, modes.keyMode == .recordKey || modes.keyMode == .recordValue else { return }
        for key in modes.keyFields where entries.contains(where: { $0.isName(key) }) {
            reader.add(
                property,
                list,
                "\(key) is also in primary.key.fields, and columns of the key are always written"
            )
        }
    }

    /// The field of an entry as it becomes the name of a column; the topic stays as it is.
    private func named(_ text: String) -> String {
        guard let colon = text.unicodeScalars.lastIndex(of: ":") else { return identifiers.name(text) }
        return text[..<colon] + ":" + identifiers.name(String(text.unicodeScalars[colon...].dropFirst()))
    }
}

extension FieldFilter.Entry {
    fileprivate func isName(_ name: String) -> Bool {
        if case .name(name) = self { return true }
        return false
    }
}
