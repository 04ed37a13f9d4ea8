/// What a number in a time or timestamp counts where the record has no schema: `time.precision.mode`, with the words of
/// the source connector's own property.
enum TimePrecision: String, CaseIterable, Sendable {
    /// As precise as the column: milliseconds up to three digits, else microseconds.
    case adaptive
    /// Times in microseconds, timestamps as precise as the column.
    case adaptiveTimeMicroseconds = "adaptive_time_microseconds"
    /// Milliseconds.
    case connect
    case microseconds
    case nanoseconds
    /// Text only: a number means nothing.
    case isostring

    /// The schema that a number of a column without one has; `nil` where the mode says nothing about it.
    func schema(of type: ColumnType) -> FieldSchema? {
        switch type {
        case .date: return schema(of: ValueForm.date)
        case .timestamp(let precision, _): return schema(of: ValueForm.timestamp(precision: precision))
        case .value(let form, _): return schema(of: form)
        case .smallint, .integer, .bigint, .boolean: return nil
        }
    }

    private func schema(of form: ValueForm) -> FieldSchema? {
        guard self != .isostring else { return nil }
        switch form {
        // Days in all modes.
        case .date: return FieldSchema(kind: .integer, semantic: .date)
        case .time(let precision):
            let unit = self == .adaptiveTimeMicroseconds ? .microseconds : unit(precision)
            return FieldSchema(kind: .integer, semantic: .time(unit))
        case .timestamp(let precision), .zonedTimestamp(let precision):
            return FieldSchema(kind: .integer, semantic: .timestamp(unit(precision)))
        case .array(let element):
            return schema(of: element).map { FieldSchema(kind: .array, items: [$0]) }
        default: return nil
        }
    }

    private func unit(_ precision: Int) -> FieldSchema.Unit {
        switch self {
        case .connect: return .milliseconds
        case .microseconds: return .microseconds
        case .nanoseconds: return .nanoseconds
        case .adaptive, .adaptiveTimeMicroseconds, .isostring:
            return precision <= 3 ? .milliseconds : .microseconds
        }
    }
}
