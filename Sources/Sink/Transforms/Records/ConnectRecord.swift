import ChangeEvents

/// A record as Connect's transforms see it.
struct ConnectRecord: Sendable {
    var topic: String
    let partition: Int32
    let offset: Int64
    /// When it was produced, in milliseconds since 1970.
    var timestamp: Int64?
    var key: ConnectDatum
    var value: ConnectDatum
    var headers: [ConnectHeader]
}

/// A header: as it came, or as a transform made it.
struct ConnectHeader: Sendable {
    enum Content: Sendable {
        case bytes([UInt8]?)
        case datum(ConnectDatum)
    }

    let name: String
    let content: Content

    /// The value for whoever reads headers as JSON or text.
    func bytes() throws(DecodeError) -> [UInt8]? {
        switch content {
        case .bytes(let bytes): return bytes
        case .datum(let datum):
            guard !datum.isNull else { return nil }
            var text: [UInt8] = []
            try datum.value.append(to: &text, datum.schema)
            return text
        }
    }
}

/// Which half of a record a transform is for: the classes `…$Key` and `…$Value`.
enum RecordSide: String, Sendable {
    case key = "Key"
    case value = "Value"
}

extension ConnectRecord {
    subscript(side: RecordSide) -> ConnectDatum {
        get { side == .key ? key : value }
        set {
            switch side {
            case .key: key = newValue
            case .value: value = newValue
            }
        }
    }
}

extension ConnectDatum {
    /// The struct's values and schema, or `nil` without a schema.
    func structure(for purpose: String) throws(DecodeError) -> (
        schema: ConnectSchema, values: [ConnectValue]
    )? {
        guard let schema else { return nil }
        guard schema.kind == .structure, !isNull else {
            throw DecodeError(
                "\(purpose) needs a struct, and there is \(isNull ? "null" : schema.kind.rawValue)",
                at: 0
            )
        }
        return (schema, try value.fields(of: schema))
    }

    /// The members of a value without schema.
    func object(for purpose: String) throws(DecodeError) -> [(name: String, value: ConnectValue)] {
        do throws(DecodeError) {
            return try value.members()
        } catch {
            throw DecodeError(
                "\(purpose) needs an object where there is no schema: \(error.reason)",
                at: error.byteOffset
            )
        }
    }
}

extension [ConnectValue] {
    /// A field's value; in the place of null the schema's default, where the option wants that.
    func value(at place: Int, of schema: ConnectSchema, defaulting: Bool) -> ConnectValue {
        let value = self[place]
        guard value.isNull, defaulting else { return value }
        return schema.fields[place].schema.fallback ?? value
    }
}

extension [(name: String, value: ConnectValue)] {
    subscript(name: String) -> ConnectValue? {
        first { $0.name.isSame(as: name) }?.value
    }

    /// Puts a member in its place, or after the others.
    mutating func put(_ name: String, _ value: ConnectValue) {
        if let place = firstIndex(where: { $0.name.isSame(as: name) }) {
            self[place].value = value
        } else {
            append((name, value))
        }
    }
}
