/// What the configuration says of how values are read.
struct ValueReading: Sendable {
    /// What a number in a time or timestamp counts where records have no schema; `nil` where nobody said.
    var timePrecision: TimePrecision?
    /// Whether a value that a column does not hold exactly is rounded as PostgreSQL rounds it.
    var rounds = false
    /// Whether texts are read as the column's type reads them, also where that is a number or a boolean: pgJDBC's
    /// `stringtype=unspecified`.
    var readsTexts = false

    /// The table as a decoder reads its values; decided once, so that no value is looked at twice.
    ///
    /// Keys are never rounded: two of them could become one.
    func applied(to table: TableSchema) -> TableSchema {
        guard rounds || readsTexts else { return table }
        var table = table
        table.columns = table.columns.map { column in
            let rounds = rounds && !column.isKey
            return Column(
                name: column.name,
                type: rounds ? column.type.rounding : column.type,
                isKey: column.isKey,
                keyEquality: column.keyEquality,
                isAlwaysIdentity: column.isAlwaysIdentity,
                equality: column.equality,
                rounds: rounds,
                readsTexts: readsTexts
            )
        }
        return table
    }
}

/// Whether values that a column does not hold exactly are rounded: `value.rounding`.
enum ValueRounding: String, CaseIterable, Sendable {
    /// They are refused.
    case refuse
    /// They are rounded as PostgreSQL rounds them when it assigns them.
    case postgresql
}

extension ColumnType {
    /// The type with its values' digits left to the server, or rounded as the server does.
    fileprivate var rounding: ColumnType {
        switch self {
        case .smallint, .integer, .bigint, .boolean, .date: self
        case .timestamp(_, let isZoned): .timestamp(precision: ValueForm.roundedPrecision, isZoned: isZoned)
        case .value(let form, let type): .value(form.rounding, castTo: type)
        }
    }
}

extension ValueForm {
    /// More digits of a second than any value has: the server, or the decoder, rounds.
    static let roundedPrecision = 9

    fileprivate var rounding: ValueForm {
        switch self {
        case .integer(let range, _): .integer(range, rounds: true)
        case .float: .float(maximumDigits: .max)
        case .numeric(let scale, _): .numeric(scale: scale, rounds: true)
        case .time: .time(precision: Self.roundedPrecision)
        case .zonedTime: .zonedTime(precision: Self.roundedPrecision)
        case .timestamp: .timestamp(precision: Self.roundedPrecision)
        case .zonedTimestamp: .zonedTimestamp(precision: Self.roundedPrecision)
        case .interval: .interval(precision: Self.roundedPrecision)
        case .array(let element): .array(element.rounding)
        default: self
        }
    }
}
