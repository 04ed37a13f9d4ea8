import Files
import FoundationEssentials
import Postgres

/// Records of one topic in a file, with the columns of the table that they go to.
///
/// First a line for each column, the key's first: `column`, name, `pg_type.typname`, type modifier, the type as SQL
/// writes it, and `key` or `-`. Then a line for each record: key and value, either of them empty where there is none.
/// Fields are separated by tabs, which compact JSON does not hold.
///
/// Avro has a line for each schema besides: `schema`, `key` or `value`, and its text. Records are hexadecimal digits then,
/// each part in Confluent's wire format: the key's schema has the number 1, the value's 2.
struct Recording {
    struct Record {
        let key: Range<Int>?
        let value: Range<Int>?
    }

    /// What is wrong with a recording, and where.
    struct Failure: Error, CustomStringConvertible {
        let path: String
        let line: Int
        let reason: String

        var description: String { "\(path), line \(line): \(reason)" }
    }

    let schema: TableSchema
    let records: [Record]
    /// Texts of Avro schemas: of the key, of the value.
    private(set) var schemas: [[UInt8]] = []
    /// What the records' ranges point into.
    private(set) var bytes: [UInt8]

    /// Reads a file.
    ///
    /// - Throws: `Failure`.
    init(path: String) throws(Failure) {
        do {
            bytes = Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Failure(path: path, line: 0, reason: "cannot read: \(FileProblem(error))")
        }
        var (columns, records, line, start) = ([Column](), [Record](), 0, 0)
        while start < bytes.count {
            line += 1
            let end = bytes[start...].firstIndex(of: Self.newline) ?? bytes.count
            do throws(LineFailure) {
                if bytes[start..<end].starts(with: "column\t".utf8) {
                    columns.append(try Self.column(bytes[start..<end]))
                } else if bytes[start..<end].starts(with: "schema\t".utf8) {
                    // The parts come in their order.
                    let fields = bytes[start..<end].split(separator: Self.tab)
                    guard fields.count == 3 else {
                        throw LineFailure(reason: "a schema has a part and a text")
                    }
                    schemas.append(Array(fields[2]))
                } else {
                    records.append(try Self.record(bytes, start..<end))
                }
            } catch {
                throw Failure(path: path, line: line, reason: error.reason)
            }
            start = end + 1
        }
        let keyCount = columns.prefix { $0.isKey }.count
        guard keyCount > 0, !records.isEmpty, columns[keyCount...].allSatisfy({ !$0.isKey }) else {
            throw Failure(
                path: path,
                line: line,
                reason: "it needs key columns, then other columns, then records"
            )
        }
        schema = TableSchema(
            qualifiedName: quotedIdentifier("recorded"),
            columns: columns,
            keyCount: keyCount
        )
        self.records = schemas.isEmpty ? records : Self.decodeHexadecimal(records, &bytes)
    }

    /// The records in bytes, which take the place of their digits.
    private static func decodeHexadecimal(_ records: [Record], _ bytes: inout [UInt8]) -> [Record] {
        var decoded: [UInt8] = []
        func value(_ digit: UInt8) -> UInt8 { digit < 0x3A ? digit &- 0x30 : (digit | 0x20) &- 0x57 }
        func part(_ range: Range<Int>?) -> Range<Int>? {
            guard let range else { return nil }
            let start = decoded.count
            for place in stride(from: range.lowerBound, to: range.upperBound - 1, by: 2) {
                decoded.append(value(bytes[place]) << 4 | value(bytes[place + 1]))
            }
            return start..<decoded.count
        }
        let found = records.map { Record(key: part($0.key), value: part($0.value)) }
        bytes = decoded
        return found
    }

    private struct LineFailure: Error {
        let reason: String
    }

    private static let newline = UInt8(ascii: "\n")
    private static let tab = UInt8(ascii: "\t")

    private static func column(_ line: ArraySlice<UInt8>) throws(LineFailure) -> Column {
        let fields = line.split(separator: tab, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard fields.count == 6, let modifier = Int(fields[3]) else {
            throw LineFailure(reason: "a column has a name, a type's name, a modifier, a type and key or -")
        }
        let element = fields[2].without(prefix: "_")
        let type = CatalogType(
            name: fields[2],
            kind: "b",
            isBuiltIn: true,
            modifier: modifier,
            sqlName: fields[4],
            element: element.map { (name: $0, kind: "b", isBuiltIn: true) }
        )
        guard let columnType = ColumnType(type) else {
            throw LineFailure(reason: "column \(fields[1]) has type \(fields[4]), which cannot be carried")
        }
        return Column(name: fields[1], type: columnType, isKey: fields[5] == "key")
    }

    private static func record(_ bytes: [UInt8], _ line: Range<Int>) throws(LineFailure) -> Record {
        guard let tab = bytes[line].firstIndex(of: tab) else {
            throw LineFailure(reason: "no tab between key and value")
        }
        let (key, value) = (line.lowerBound..<tab, tab + 1..<line.upperBound)
        return Record(key: key.isEmpty ? nil : key, value: value.isEmpty ? nil : value)
    }
}
