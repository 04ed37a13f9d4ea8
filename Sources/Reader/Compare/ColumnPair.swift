import Postgres

/// A column that both tables have, and how its values are made comparable.
struct ColumnPair: Sendable, Equatable {
    var name: String
    var source: TableDescription.Column
    var destination: TableDescription.Column
    /// Whether the servers store text in different encodings, so that equal text has different bytes.
    var encodingsDiffer = false

    private var quoted: String { quotedIdentifier(name) }

    /// The name says which column it is.
    static func == (left: ColumnPair, right: ColumnPair) -> Bool {
        left.name.isSame(as: right.name) && left.source == right.source
            && left.destination == right.destination && left.encodingsDiffer == right.encodingsDiffer
    }

    private static let integers: Set<String> = ["int2", "int4", "int8"]
    private static let numbers: Set<String> = ["int2", "int4", "int8", "numeric"]
    private static let floats: Set<String> = ["float4", "float8"]
    private static let moments: Set<String> = ["timestamp", "timestamptz"]
    private static let documents: Set<String> = ["json", "jsonb"]
    /// Types whose hash function takes equal values to equal hashes and different bits to different ones.
    private static let hashable: Set<String> = [
        "bool", "int2", "int4", "int8", "uuid", "date", "timestamp", "timestamptz", "time", "bytea",
        "numeric",
    ]

    private var types: Set<String> { [source.type ?? "", destination.type ?? ""] }

    /// The value as an expression that PostgreSQL hashes the same way on both sides.
    ///
    /// numeric by value, so that 1.0 equals 1.00; floating point by its bits, so that -0 differs from 0; text by
    /// its bytes, whatever the column's collation.
    var digest: String {
        if types.isSubset(of: Self.floats) {
            return types.count == 2 || types == ["float8"]
                ? "float8send(\(quoted)::float8)" : "float4send(\(quoted))"
        }
        if types.isSubset(of: Self.integers), types.count > 1 { return "\(quoted)::int8" }
        if types.isSubset(of: Self.numbers), types.count > 1 { return "\(quoted)::numeric" }
        if types == Self.moments { return "\(quoted)::timestamptz" }
        if types.count == 1, types.isSubset(of: Self.hashable) { return quoted }
        return encodingsDiffer ? "convert_to(\(text), 'UTF8')" : "\(text) collate \"C\""
    }

    /// The value as text, the same text on both sides for the same value.
    var text: String {
        if types.isSubset(of: Self.floats), types.count > 1 { return "\(quoted)::float8::text" }
        if types.isSubset(of: Self.numbers), types.contains("numeric") {
            return "trim_scale(\(quoted)::numeric)::text"
        }
        if types == Self.moments { return "\(quoted)::timestamptz::text" }
        if types == Self.documents { return "\(quoted)::jsonb::text" }
        // Without the padding of char(n), whose width may differ.
        return "\(quoted)::text"
    }

    /// The value as a bigint that grows with each version of the row; `nil` for a type that can't be one.
    var version: String? {
        if types.isSubset(of: Self.integers) { return "\(quoted)::int8" }
        if types.isSubset(of: Self.moments) {
            return "case when isfinite(\(quoted)) then (extract(epoch from \(quoted)) * 1000000)::int8 end"
        }
        return nil
    }

    /// The type of a single key column that ranges can be made of; `nil` where ordering depends on more than the type.
    var rangeType: String? {
        guard types.count == 1, let type = source.type else { return nil }
        return Self.integers.contains(type) || type == "uuid" ? type : nil
    }
}

/// What two tables have in common.
struct ColumnPairing: Sendable {
    var columns: [ColumnPair] = []
    /// Columns of the key; none where rows are compared by their content.
    var key: [ColumnPair] = []
    /// The column that orders the versions of a row.
    var version: ColumnPair?
    /// What is not compared, and what is compared in spite of a difference.
    var notes: [String] = []

    /// - Parameters:
    ///   - keyNames: columns that the user named as key; empty for the table's own.
    ///   - versionName: the version's column that the user named.
    /// - Throws: `CompareError` where the tables can't be compared, or a column that was named is not in both.
    init(
        _ source: TableDescription,
        _ destination: TableDescription,
        keyNames: [String] = [],
        versionName: String? = nil
    ) throws(CompareError) {
        for (side, table) in [(Side.source, source), (.destination, destination)] {
            // hash_record_extended is of 14.
            guard table.version >= 140_000 else {
                throw CompareError(.undecided, "\(side): comparing needs PostgreSQL 14 or later")
            }
        }
        let found = Dictionary(uniqueKeysWithValues: destination.columns.map { (ExactText($0.name), $0) })
        for column in source.columns {
            guard let other = found[ExactText(column.name)] else { continue }
            if column.declaration != other.declaration {
                notes.append(
                    "column \(column.name): \(column.declaration) at the source, "
                        + "\(other.declaration) at the destination"
                )
            }
            columns.append(
                ColumnPair(
                    name: column.name,
                    source: column,
                    destination: other,
                    encodingsDiffer: source.encoding != destination.encoding
                )
            )
        }
        guard !columns.isEmpty else {
            throw CompareError(.undecided, "the tables have no column of the same name")
        }
        noteUnmatched(source.columns, .source)
        noteUnmatched(destination.columns, .destination)
        try chooseKey(source, destination, keyNames)
        try chooseVersion(versionName)
        if source.isStandby { notes.append("the source is a standby: what it lacks counts as a difference") }
    }

    private mutating func noteUnmatched(_ all: [TableDescription.Column], _ side: Side) {
        let names = all.map(\.name).filter { name in !columns.contains { $0.name.isSame(as: name) } }
        guard !names.isEmpty else { return }
        notes.append("not compared, only the \(side) has them: columns \(names.joined(separator: ", "))")
    }

    private mutating func chooseKey(
        _ source: TableDescription,
        _ destination: TableDescription,
        _ named: [String]
    ) throws(CompareError) {
        let own = source.key.isEmpty ? destination.key : source.key
        let names = named.isEmpty ? own : named
        let pairs = names.compactMap { name in columns.first { $0.name.isSame(as: name) } }
        if pairs.count < names.count {
            let absent = names.filter { name in !pairs.contains { $0.name.isSame(as: name) } }.joined(
                separator: ", "
            )
            throw CompareError(
                named.isEmpty ? .undecided : .usage,
                "not in both tables: key column \(absent); name others with --key"
            )
        }
        key = pairs
        if key.isEmpty { notes.append("no key: rows are compared by their content") }
    }

    private mutating func chooseVersion(_ named: String?) throws(CompareError) {
        guard let named else {
            version = columns.first { $0.name == TableName.valueColumn && $0.version != nil }
            return
        }
        guard let pair = columns.first(where: { $0.name.isSame(as: named) }), pair.version != nil else {
            throw CompareError(
                .usage,
                "--version-column \(named): must be an integer or a timestamp in both tables"
            )
        }
        version = pair
    }
}
