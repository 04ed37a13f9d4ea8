import FoundationEssentials

/// How a document stands in its text.
public enum JSONLayout: Sendable {
    /// In one line, for programs that read line by line.
    case line
    /// Indented, for people.
    case indented
}

/// How members are named.
public enum JSONNames: Sendable {
    case asDeclared
    /// `lagSeconds` becomes `lag_seconds`.
    case snakeCase
}

/// A value as JSON, the members of each object in alphabetical order: the same value has the same text.
///
/// - Throws: `EncodingError`; numbers that are finite, texts, and arrays and objects of these always encode.
public func jsonText(
    _ value: some Encodable,
    _ layout: JSONLayout = .line,
    names: JSONNames = .asDeclared
) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if layout == .indented { encoder.outputFormatting.insert(.prettyPrinted) }
    if names == .snakeCase { encoder.keyEncodingStrategy = .convertToSnakeCase }
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}
