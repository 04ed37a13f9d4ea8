import ChangeEvents

/// Turns one JSON value into the cell of one column, as the column's type wants it.
///
/// The column's type decides, the JSON form settles what it leaves open, and the field's schema helps where
/// the records have one. A value is carried exactly or refused.
enum ValueDecoder {
    /// - Throws: `DecodeError` that names the column.
    static func decode(
        _ scanner: inout JSONScanner,
        _ column: Column,
        at index: Int,
        schema: FieldSchema? = nil,
        into row: inout Row
    ) throws(DecodeError) {
        if try scanner.consumeNull() {
            row.cells[index] = .null
            return
        }
        let start = scanner.position
        do throws(DecodeError) {
            row.cells[index] = try cell(&scanner, column, schema, &row.bytes)
        } catch {
            throw DecodeError(
                "column \(column.name): \(error.reason)",
                at: max(start, error.byteOffset),
                concernsTable: error.concernsTable
            )
        }
    }

    private static func cell(
        _ scanner: inout JSONScanner,
        _ column: Column,
        _ schema: FieldSchema?,
        _ bytes: inout [UInt8]
    ) throws(DecodeError) -> Cell {
        let start = bytes.count
        switch column.type {
        case .smallint:
            return .integer(try integer(&scanner, schema, in: Int64(Int16.min)...Int64(Int16.max), column))
        case .integer:
            return .integer(try integer(&scanner, schema, in: Int64(Int32.min)...Int64(Int32.max), column))
        case .bigint: return .integer(try integer(&scanner, schema, in: .min ... .max, column))
        case .boolean: return .integer(try AssignmentCast.boolean(&scanner, column) ? 1 : 0)
        case .date: return .integer(try TemporalBinary.date(&scanner, schema, cuts: column.rounds, &bytes))
        case .timestamp(let precision, let isZoned):
            return .integer(
                try TemporalBinary.timestamp(
                    &scanner,
                    precision: precision,
                    isZoned: isZoned,
                    schema,
                    &bytes
                )
            )
        case .value(let form, _):
            try append(&scanner, form, schema, isText: column.isText, to: &bytes)
            if column.isKey { try KeyText.normalize(form, isUUID: column.isUUIDKey, from: start, in: &bytes) }
        }
        return .text(start..<bytes.count)
    }

    /// Appends the text that the column type's input function reads; the value is not null.
    ///
    /// - Parameter isText: whether the column is of text, to which PostgreSQL assigns every value's text.
    static func append(
        _ scanner: inout JSONScanner,
        _ form: ValueForm,
        _ schema: FieldSchema?,
        isText: Bool = false,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        switch form {
        case .boolean: bytes.append(contentsOf: (try AssignmentCast.boolean(&scanner) ? "t" : "f").utf8)
        case .integer(let range, let rounds):
            bytes.append(contentsOf: String(try integer(&scanner, schema, in: range, rounds: rounds)).utf8)
        case .float(let digits): try NumberDecoder.appendFloat(&scanner, digits, schema, to: &bytes)
        case .numeric(let scale, let rounds):
            try NumberDecoder.appendNumeric(&scanner, scale, schema, rounds: rounds, to: &bytes)
        case .text(let limit):
            try TextDecoder.append(&scanner, schema, limit: limit, isText: isText, to: &bytes)
        case .name: try TextDecoder.append(&scanner, schema, byteLimit: 63, to: &bytes)
        case .paddedText: try TextDecoder.append(&scanner, schema, to: &bytes)
        case .bytea: try BinaryDecoder.appendBytea(&scanner, schema, to: &bytes)
        case .bit(let length): try BinaryDecoder.appendBits(&scanner, length: length, schema, to: &bytes)
        case .varyingBit(let limit):
            try BinaryDecoder.appendVaryingBits(&scanner, limit: limit, schema, to: &bytes)
        case .date, .time, .zonedTime, .timestamp, .zonedTimestamp, .interval:
            try TemporalDecoder.append(&scanner, form, schema, to: &bytes)
        case .json: try StructDecoder.appendJSON(&scanner, schema, to: &bytes)
        case .hstore: try StructDecoder.appendHstore(&scanner, to: &bytes)
        case .point: try StructDecoder.appendPoint(&scanner, to: &bytes)
        case .line: try StructDecoder.appendLine(&scanner, to: &bytes)
        case .circle: try StructDecoder.appendCircle(&scanner, to: &bytes)
        case .shape: try StructDecoder.appendShape(&scanner, to: &bytes)
        case .geometry: try StructDecoder.appendGeometry(&scanner, to: &bytes)
        case .vector: try StructDecoder.appendVector(&scanner, to: &bytes)
        case .sparseVector: try StructDecoder.appendSparseVector(&scanner, to: &bytes)
        case .array(let element): try ArrayDecoder.append(&scanner, element, schema, to: &bytes)
        }
    }

    private static func integer(
        _ scanner: inout JSONScanner,
        _ schema: FieldSchema?,
        in range: ClosedRange<Int64>,
        _ column: Column? = nil,
        rounds: Bool = false
    ) throws(DecodeError) -> Int64 {
        let before = scanner
        let value: Int64
        do throws(DecodeError) {
            value = try scanner.integer()
        } catch {
            scanner = before
            // What few values need is looked up for them alone.
            value = try AssignmentCast.integer(
                &scanner,
                schema,
                rounds: rounds || column?.rounds == true,
                readsTexts: column?.readsTexts == true,
                error
            )
        }
        guard range.contains(value) else {
            throw DecodeError("the number is out of the column's range", at: 0)
        }
        return value
    }
}
