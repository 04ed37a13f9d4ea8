/// How a column's values travel: from which JSON, as which parameter type.
enum ColumnType: Hashable, Sendable {
    case smallint, integer, bigint
    case boolean
    /// Sent as days.
    case date
    /// Sent as microseconds.
    case timestamp(precision: Int, isZoned: Bool)
    /// Turned into the text that the type's own input function reads, by the value's form.
    case value(ValueForm, castTo: String?)
}

/// A column of a destination table.
///
/// A class, because the loop over a record's fields would copy the parts of a struct one by one.
final class Column: Hashable, Sendable {
    let name: String
    let type: ColumnType
    let isKey: Bool
    /// How two values of a key's column are known to be one.
    let keyEquality: KeyEquality
    /// Whether keys are brought to the one form that PostgreSQL writes of a uuid.
    let isUUIDKey: Bool
    /// Whether values are texts as they come: known once, for a look at `type` costs reference counts.
    let isText: Bool
    /// `generated always as identity`: the server takes a value only when it is told so.
    let isAlwaysIdentity: Bool
    /// Whether a value that the column does not hold exactly is rounded as PostgreSQL rounds it.
    let rounds: Bool
    /// Whether a text is read as the column's type reads it, also where that is a number or a boolean.
    let readsTexts: Bool

    /// The operator that says that two values are equal.
    let equality: String

    init(
        name: String,
        type: ColumnType,
        isKey: Bool,
        keyEquality: KeyEquality = .bytes,
        isAlwaysIdentity: Bool = false,
        equality: String = "=",
        rounds: Bool = false,
        readsTexts: Bool = false
    ) {
        (self.name, self.type, self.isKey, self.keyEquality) = (name, type, isKey, keyEquality)
        (self.isAlwaysIdentity, self.equality) = (isAlwaysIdentity, equality)
        (self.rounds, self.readsTexts) = (rounds, readsTexts)
        isUUIDKey = isKey && type == .value(.text(limit: nil), castTo: "uuid")
        isText = if case .value(.text, castTo: nil) = type { true } else { false }
    }

    static func == (left: Column, right: Column) -> Bool {
        left.name.isSame(as: right.name) && left.type == right.type && left.isKey == right.isKey
            && left.isAlwaysIdentity == right.isAlwaysIdentity && left.equality == right.equality
            && left.keyEquality == right.keyEquality && left.rounds == right.rounds
            && left.readsTexts == right.readsTexts
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(type)
    }
}

/// A column of a type that this version can't carry.
struct UncarriedColumn: Hashable, Sendable {
    let name: String
    /// The type as SQL writes it.
    let type: String
}

/// A destination table as the catalog describes it: key columns first.
struct TableSchema: Hashable, Sendable {
    /// The name as SQL writes it, quoted.
    let qualifiedName: String
    var columns: [Column]
    let keyCount: Int
    /// How names of fields become names of its columns.
    var identifiers = IdentifierCase.folded
    /// Names of columns that records may have and that the sink does not write: the server computes them, or the sink has
    /// its own use for them.
    var passedOver: [String] = []
    /// Columns whose values can't be carried: a record that has one is refused.
    var uncarried: [UncarriedColumn] = []
    /// The column that marks deleted rows; `nil` where they are removed.
    var softDelete: SoftDelete? = nil

    var keyColumns: ArraySlice<Column> { columns[..<keyCount] }

    /// Whether only the server can tell whether two keys are one.
    var hasUncertainKey: Bool { keyColumns.contains { $0.keyEquality != .bytes } }

    /// The column that a field of this name goes to: the one of exactly this name, else the one that the name folds to.
    func column(ofField name: String) -> Int? {
        if let exact = columns.firstIndex(where: { $0.name.isSame(as: name) }) { return exact }
        let wanted = identifiers.name(name)
        return columns.firstIndex { $0.name.isSame(as: wanted) }
    }

    /// Whether the table has a column for a field of this name that the sink does not write.
    func passesOver(_ name: String) -> Bool {
        passedOver.holds(name) || passedOver.holds(identifiers.name(name))
    }

    /// The type of the column of a field whose values can't be carried.
    func uncarriedType(ofField name: String) -> String? {
        let folded = identifiers.name(name)
        return uncarried.first { $0.name.isSame(as: name) || $0.name.isSame(as: folded) }?.type
    }
}
