import ChangeEvents

/// `org.apache.kafka.connect.transforms.TimestampConverter`: a time in another of its forms.
struct TimestampConverter: Transform {
    private enum Form: String, Sendable {
        case text = "string"
        case unix
        case date = "Date"
        case time = "Time"
        case timestamp = "Timestamp"
    }

    private static let units: [String: Int64] = [
        "seconds": -1_000, "milliseconds": 1, "microseconds": 1_000, "nanoseconds": 1_000_000,
    ]

    private let side: RecordSide
    private let field: String
    private let target: Form
    private let format: JavaDateFormat?
    /// How many of the unit make a millisecond; negative where it is the other way round.
    private let unit: Int64
    private let replacesNull: Bool
    private var cache = SchemaCache<ConnectSchema>()

    init?(_ options: inout TransformOptions, _ side: RecordSide) {
        self.side = side
        field = options.take("field") ?? ""
        replacesNull = options.flag("replace.null.with.default", default: true)
        let target = options.choice("target.type", ["string", "unix", "Date", "Time", "Timestamp"]).flatMap(
            Form.init
        )
        let unit = options.choice(
            "unix.precision",
            ["milliseconds", "microseconds", "nanoseconds", "seconds"],
            default: "milliseconds"
        )
        let pattern = options.take("format") ?? ""
        var format: JavaDateFormat?
        if !pattern.trimmed.isEmpty {
            do throws(JavaDateFormat.Failure) {
                format = try JavaDateFormat(pattern)
            } catch {
                options.add(
                    "format",
                    "is no date format that this version takes: \(error.reason)",
                    value: pattern
                )
                return nil
            }
        } else if target == .text {
            options.add("format", "is missing: a pattern such as yyyy-MM-dd HH:mm:ss")
        }
        guard let target, let unit, let factor = Self.units[unit], target != .text || format != nil else {
            return nil
        }
        (self.target, self.format, self.unit) = (target, format, factor)
    }

    mutating func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        let datum = record[side]
        guard let schema = datum.schema else {
            if field.isEmpty || datum.isNull {
                record[side] = ConnectDatum(nil, try converted(datum.value, nil))
                return true
            }
            var members = try datum.object(for: "TimestampConverter")
            members.put(field, try converted(members[field] ?? .null, nil))
            record[side] = ConnectDatum(nil, .object(members))
            return true
        }
        if field.isEmpty {
            record[side] = ConnectDatum(
                Self.schema(target, schema.isOptional),
                try converted(datum.value, schema)
            )
            return true
        }
        guard schema.kind == .structure else { throw DecodeError("TimestampConverter needs a struct", at: 0) }
        let updated = try cache.value(for: schema, self.updated)
        guard !datum.isNull else {
            record[side] = ConnectDatum(updated, .null)
            return true
        }
        var values = try datum.value.fields(of: schema)
        for place in values.indices {
            let value = values.value(at: place, of: schema, defaulting: replacesNull)
            let isIt = schema.fields[place].name.isSame(as: field)
            values[place] = isIt ? try converted(value, schema.fields[place].schema) : value
        }
        record[side] = ConnectDatum(updated, .structure(values))
        return true
    }

    private func updated(_ schema: ConnectSchema) throws(DecodeError) -> ConnectSchema {
        let fields = schema.fields.map { field in
            field.name.isSame(as: self.field)
                ? ConnectSchema.Field(name: field.name, schema: Self.schema(target, field.schema.isOptional))
                : field
        }
        return try ConnectSchema(
            .structure,
            isOptional: schema.isOptional,
            metadata: schema.metadata.basics,
            fields: fields
        )
    }

    private static func schema(_ form: Form, _ isOptional: Bool) -> ConnectSchema {
        switch form {
        case .text: return .simple(.string, isOptional: isOptional)
        case .unix: return .simple(.int64, isOptional: isOptional)
        case .date: return .simple(.int32, isOptional: isOptional, named: LogicalType.date.rawValue)
        case .time: return .simple(.int32, isOptional: isOptional, named: LogicalType.time.rawValue)
        case .timestamp: return .simple(.int64, isOptional: isOptional, named: LogicalType.timestamp.rawValue)
        }
    }

    private func converted(_ value: ConnectValue, _ schema: ConnectSchema?) throws(DecodeError)
        -> ConnectValue
    {
        guard !value.isNull else { return .null }
        let moment = try moment(try value.opened(schema), schema)
        guard schema != nil || target == .text || target == .unix else {
            return .text(Self.text(moment, target))
        }
        switch target {
        case .text: return .text(format?.format(moment) ?? "")
        case .unix:
            // Seconds are cut off towards zero, as Java's TimeUnit does.
            return .integer(unit < 0 ? moment / -unit : Self.multiplied(moment, unit))
        case .date: return .integer(JavaCalendar.divided(moment, by: 86_400_000).quotient)
        case .time: return .integer(JavaCalendar.divided(moment, by: 86_400_000).rest)
        case .timestamp: return .integer(moment)
        }
    }

    /// What stands for Java's Date where no schema would say what a number is.
    private static func text(_ moment: Int64, _ form: Form) -> String {
        let calendar = JavaCalendar(milliseconds: moment)
        switch form {
        case .date: return calendar.format(.date)
        case .time: return String(calendar.format(.time).unicodeScalars.dropLast())
        default: return calendar.format(.timestamp)
        }
    }

    /// The milliseconds since 1970 that a value stands for.
    private func moment(_ value: ConnectValue, _ schema: ConnectSchema?) throws(DecodeError) -> Int64 {
        switch (value, LogicalType(schema)) {
        case (.integer(let number), .timestamp?), (.integer(let number), .time?): return number
        case (.integer(let number), .date?): return Self.multiplied(number, 86_400_000)
        case (.integer(let number), nil) where schema == nil || schema?.kind == .int64:
            return unit < 0 ? Self.multiplied(number, -unit) : number / unit
        case (.text(let text), nil) where schema == nil || schema?.kind == .string:
            guard let format else {
                throw DecodeError("a text is to be read as a time, and format is not set", at: 0)
            }
            guard let moment = format.parse(text) else {
                throw DecodeError("a text is not of the format", at: 0)
            }
            return moment
        default: throw DecodeError("a value is of no type that TimestampConverter reads as a time", at: 0)
        }
    }

    /// The product, or the last number on its side: Java's TimeUnit does not wrap.
    private static func multiplied(_ value: Int64, _ factor: Int64) -> Int64 {
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        return overflow ? (value < 0 ? .min : .max) : product
    }
}
