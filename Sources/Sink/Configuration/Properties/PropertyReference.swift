/// The tables of docs/configuration.md, made from the catalog.
enum PropertyReference {
    static let start = "<!-- made by sink properties: make docs -->"
    static let end = "<!-- end of what sink properties makes -->"

    /// The whole reference as Markdown.
    static var markdown: String {
        let groups = PropertyCatalog.groups
        let read = groups.flatMap { group -> [String] in
            let rows = group.properties.compactMap(described)
            guard !rows.isEmpty else { return [] }
            return [
                "### \(group.title)", "",
                table(["property (alias)", "values", "default", "meaning", "the peers"], rows), "",
            ]
        }
        let effectless = groups.flatMap(\.properties).compactMap { property -> [String]? in
            guard case .effectless(let reason) = property.support else { return nil }
            return [names(property), reason]
        }
        let refused = groups.flatMap(\.properties).compactMap { property -> [String]? in
            guard case .refused(let allowed, let reason) = property.support else { return nil }
            return [
                names(property), allowed.map { $0.isEmpty ? "empty" : code($0) }.joined(separator: ", "),
                reason,
            ]
        }
        let parts =
            read + [
                "### Without effect here", "", table(["property (alias)", "why"], effectless), "",
                "### Refused", "",
                "But at these values, at which they change nothing.",
                "", table(["property (alias)", "accepted", "instead"], refused),
            ]
        return parts.joined(separator: "\n")
    }

    /// A text with the part between the two marks made anew; `nil` when it has no such part.
    static func updated(_ text: String) -> String? {
        guard let first = text.range(ofBytes: start), let last = text.range(ofBytes: end),
            first.upperBound <= last.lowerBound
        else { return nil }
        return text[..<first.upperBound] + "\n\n" + markdown + "\n\n" + text[last.lowerBound...]
    }

    private static func described(_ property: PropertyEntry) -> [String]? {
        guard let text = property.meaning else { return nil }
        let values: String
        switch text.values {
        case .words(let words): values = words.map(code).joined(separator: ", ")
        case .text(let text): values = text
        }
        let fallback = text.fallback.isEmpty ? "" : code(text.fallback)
        return [names(property), values, fallback, text.meaning, text.peers]
    }

    private static func names(_ property: PropertyEntry) -> String {
        let aliases = property.aliases.map(code).joined(separator: ", ")
        return code(property.name) + (aliases.isEmpty ? "" : " (\(aliases))")
    }

    private static func code(_ text: String) -> String { "`\(text)`" }

    private static func table(_ titles: [String], _ rows: [[String]]) -> String {
        let lines = [titles, titles.map { _ in "---" }] + rows
        return lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }
}
