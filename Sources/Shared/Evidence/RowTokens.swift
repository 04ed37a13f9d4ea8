package import Model

/// Tokens, each of its row.
package struct RowTokens: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    private var tokens: [RowID: Set<Token>] = [:]

    package init() {}

    package init(dictionaryLiteral elements: (RowID, Set<Token>)...) {
        tokens = Dictionary(elements) { $0.union($1) }
    }

    /// The rows that have any, in the order of their keys.
    package var rows: [RowID] { tokens.keys.sorted() }

    package var count: Int { tokens.values.reduce(0) { $0 + $1.count } }

    package func contains(_ token: Token, of row: RowID) -> Bool {
        tokens[row]?.contains(token) ?? false
    }

    /// All of one row.
    package subscript(row: RowID) -> Set<Token> { tokens[row] ?? [] }

    package mutating func insert(_ token: Token, of row: RowID) {
        tokens[row, default: []].insert(token)
    }

    package mutating func insert(_ more: some Sequence<Token>, of row: RowID) {
        let more = Set(more)
        guard !more.isEmpty else { return }
        tokens[row, default: []].formUnion(more)
    }
}
