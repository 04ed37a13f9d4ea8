import ChangeEvents
import Glibc

/// The schemas of a table's columns, from the `schema` part that comes with each record.
///
/// The part is the same in almost every record, so it is compared with the one before and read when it changed.
struct FieldSchemas {
    private var columns: [FieldSchema?]
    /// What the configuration says of columns whose records have no schema.
    private let bare: [FieldSchema?]
    private let reading: RecordReading
    /// Whether the schema is named as that of a change event; `nil` where the records have none.
    private(set) var isNamedEnvelope: Bool?
    /// The record's bytes up to the end of the schema, as they were when it was read.
    private var known: [UInt8] = []

    /// - Parameter bare: by column, what stands for the schema of records that have none.
    init(bare: [FieldSchema?] = [], reading: RecordReading = .byShape) {
        (self.bare, self.reading) = (bare, reading)
        columns = bare
    }

    /// Whether the records have no schemas.
    var isEmpty: Bool { isNamedEnvelope == nil }

    /// The schema of a column, `nil` where nothing says what its values mean.
    subscript(column: Int) -> FieldSchema? {
        column < columns.count ? columns[column] : nil
    }

    /// Takes the schema of a key or value; forgets the former one when there is none.
    ///
    /// - Returns: the number of bytes up to the schema's end, which need not be looked at again; 0 without schema.
    /// - Throws: `DecodeError` when it is not JSON.
    @discardableResult
    mutating func update(_ bytes: RawSpan, _ table: TableSchema) throws(DecodeError) -> Int {
        if isKnown(bytes) { return known.count }
        if !known.isEmpty {
            columns = bare
            isNamedEnvelope = nil
            known = []
        }
        var scanner = JSONScanner(bytes)
        guard try scanner.peekKind() == .object else { return 0 }
        try scanner.openObject()
        guard let first = try scanner.nextKey(), scanner.matches(first, "schema"),
            try scanner.peekKind() == .object
        else { return 0 }
        let read = try FieldSchema.read(&scanner)
        let end = scanner.position
        // A row may have columns of these names, and others beside them.
        guard Self.isPayloadAlone(after: scanner) else { return 0 }
        columns = [FieldSchema?](repeating: nil, count: table.columns.count)
        if let schema = read.schema, schema.kind != .structure {
            // A primitive key.
            if !columns.isEmpty { columns[0] = schema }
        }
        let isNamedEnvelope = read.schema?.semantic == .envelope
        self.isNamedEnvelope = isNamedEnvelope
        let isEnvelope =
            reading.takesEnvelopes(isNamedEnvelope: isNamedEnvelope)
            && read.fields.contains { $0.0 == "op" } && read.fields.contains { $0.0 == "after" }
        for (name, schema) in read.fields {
            let column = isEnvelope ? name.without(prefix: "after.") : name
            guard let column, let index = table.column(ofField: column) else { continue }
            columns[index] = schema
        }
        bytes.extracting(0..<end).withUnsafeBytes { known.append(contentsOf: $0) }
        return end
    }

    /// Whether nothing but a payload follows; what is no JSON is refused where it is read.
    private static func isPayloadAlone(after scanner: borrowing JSONScanner) -> Bool {
        var scanner = copy scanner
        do throws(DecodeError) {
            guard let next = try scanner.nextKey() else { return true }
            guard scanner.matches(next, "payload") else { return false }
            try scanner.skipValue()
            return try scanner.nextKey() == nil
        } catch {
            return true
        }
    }

    private func isKnown(_ bytes: RawSpan) -> Bool {
        guard !known.isEmpty, bytes.byteCount > known.count else { return false }
        return bytes.starts(with: known)
    }
}

extension RawSpan {
    /// Whether the first bytes are these; there must be as many.
    fileprivate func starts(with prefix: [UInt8]) -> Bool {
        withUnsafeBytes { bytes in
            prefix.withUnsafeBytes { prefix in
                guard let first = bytes.baseAddress, let second = prefix.baseAddress else { return true }
                return memcmp(first, second, prefix.count) == 0
            }
        }
    }
}
