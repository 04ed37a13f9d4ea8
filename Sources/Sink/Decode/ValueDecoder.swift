import Shared

/// Turns one JSON value into the cell of one column, as the column's type wants it.
enum ValueDecoder {
    /// - Throws: `DecodeError` that names the column.
    static func decode(
        _ scanner: inout JSONScanner,
        _ column: Column,
        at index: Int,
        into row: inout Row
    ) throws(DecodeError) {
        if try scanner.consumeNull() {
            row.cells[index] = .null
            return
        }
        let start = scanner.position
        do throws(DecodeError) {
            row.cells[index] = try cell(&scanner, column.type, &row.bytes)
        } catch {
            throw DecodeError("column \(column.name): \(error.reason)", at: max(start, error.byteOffset))
        }
    }

    private static func cell(
        _ scanner: inout JSONScanner,
        _ type: ColumnType,
        _ bytes: inout [UInt8]
    ) throws(DecodeError) -> Cell {
        switch type {
        case .smallint: return .integer(try integer(&scanner, in: Int64(Int16.min)...Int64(Int16.max)))
        case .integer: return .integer(try integer(&scanner, in: Int64(Int32.min)...Int64(Int32.max)))
        case .bigint: return .integer(try scanner.integer())
        case .boolean: return .integer(try scanner.boolean() ? 1 : 0)
        case .text:
            let start = bytes.count
            let text = try scanner.string()
            try scanner.append(text, to: &bytes)
            return .text(start..<bytes.count)
        case .number:
            let start = bytes.count
            if try scanner.peekKind() == .string {
                // NaN and the infinities are no JSON numbers: Debezium writes them as strings.
                try scanner.append(try scanner.string(), to: &bytes)
            } else {
                scanner.appendRaw(try scanner.number(), to: &bytes)
            }
            return .text(start..<bytes.count)
        }
    }

    private static func integer(
        _ scanner: inout JSONScanner,
        in range: ClosedRange<Int64>
    ) throws(DecodeError) -> Int64 {
        let value = try scanner.integer()
        guard range.contains(value) else {
            throw DecodeError("the number is out of the column's range", at: 0)
        }
        return value
    }
}
