public import ChangeEvents
import Model

/// Turns keys or values whose schemas are in a registry into what JsonConverter would have written, with its schema.
///
/// So all that comes after this reads one form. It belongs to one thread; a schema is asked for once, and the rest of the
/// lane's life, or until a thousand others came, it is known.
public final class RegistryText {
    private enum Entry {
        case known(CompiledSchema)
        /// Asked for again when some time has passed: somebody may have registered it meanwhile.
        case unusable(String, until: Deadline)
    }

    private let encoding: RegistryConverter.Encoding
    private let format: WireFormat
    private let scope: EventScope
    private let requests: SchemaRequests
    private var entries: [SchemaID: Entry] = [:]
    /// The schema of the text in the buffer.
    private var current: (id: SchemaID, schema: CompiledSchema)?
    private var buffer = TextBuffer()

    private static let entryLimit = 1_000
    private static let unusableTime = Duration.seconds(10)

    /// - Parameter scope: which parts of change events are wanted.
    public init(_ converter: RegistryConverter, _ part: RecordPart, scope: EventScope) {
        encoding = converter.encoding
        format = WireFormat(converter.family, part)
        self.scope = scope
        requests = SchemaRequests(RegistryClient(converter))
    }

    /// The schema that must be asked for before a record can be read; `nil` where none is lacking, and for bytes that
    /// name none.
    ///
    /// - Parameter header: the record's last header of a name.
    public func missing(_ bytes: RawSpan?, header: (String) -> [UInt8]?) -> SchemaID? {
        guard let bytes, let frame = try? frame(bytes, header: header) else { return nil }
        if let current, current.id == frame.id { return nil }
        switch entries[frame.id] {
        case .known?: return nil
        case .unusable(_, let end)?: return end.hasPassed ? frame.id : nil
        case nil: return frame.id
        }
    }

    // MARK: Asking

    /// How a question stands.
    public enum Progress: Sendable, Hashable {
        case underWay
        /// The schema is known, or known not to be had.
        case answered
        /// Nobody answers; the text says who and why.
        case away(String)
    }

    /// Asks for a schema; nothing is waited for.
    public func ask(_ id: SchemaID) { requests.ask(id) }

    /// How the question for a schema stands; after `away` it may be asked again.
    public func progress(_ id: SchemaID) -> Progress {
        switch requests.take(id) {
        case nil: return .underWay
        case .failure(.away(let reason))?: return .away(reason)
        case .failure(.unusable(let reason))?: note(id, .unusable(reason, until: .after(Self.unusableTime)))
        case .success(let schema)?: learn(id, schema)
        }
        return .answered
    }

    /// Takes an Avro schema that comes from elsewhere than a registry.
    public func learn(avro text: [UInt8], as id: SchemaID) {
        learn(id, FetchedSchema(language: .avro, text: text))
    }

    func learn(_ id: SchemaID, _ schema: FetchedSchema) {
        do throws(SchemaError) {
            note(id, .known(try CompiledSchema(schema, scope: scope)))
        } catch {
            note(id, .unusable("\(id) cannot be used: \(error)", until: .after(Self.unusableTime)))
        }
    }

    private func note(_ id: SchemaID, _ entry: Entry) {
        if entries.count >= Self.entryLimit { entries.removeAll(keepingCapacity: true) }
        entries[id] = entry
    }

    // MARK: Reading

    /// Lends a record's key or value as JSON; what is not there stays so.
    ///
    /// - Throws: `DecodeError` for bytes that the converter does not read either, and without the schema.
    public func withText<R>(
        _ bytes: RawSpan?,
        header: (String) -> [UInt8]?,
        _ body: (RawSpan?) throws(DecodeError) -> R
    ) throws(DecodeError) -> R {
        guard let bytes else { return try body(nil) }
        try fill(bytes, try frame(bytes, header: header))
        return try buffer.withBytes { text throws(DecodeError) in try body(text) }
    }

    private func frame(_ bytes: RawSpan, header: (String) -> [UInt8]?) throws(DecodeError) -> WireFormat.Frame
    {
        if encoding == .connectJSON, bytes.byteCount > 0,
            bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == UInt8(ascii: "{")
        {
            return WireFormat.Frame(id: try ExtendedJSON(bytes).id, start: 0)
        }
        return try format.frame(bytes, header: header)
    }

    private func fill(_ bytes: RawSpan, _ frame: WireFormat.Frame) throws(DecodeError) {
        let schema = try schema(frame.id)
        buffer.cut(to: schema.prefix.count)
        switch schema.form {
        case .avro(let plan): try AvroTranscoder.write(plan, bytes, from: frame.start, to: &buffer)
        case .json:
            let payload: Range<Int>
            if encoding == .connectJSON, frame.start == 0 {
                payload = try ExtendedJSON(bytes).payload
            } else {
                var scanner = JSONScanner(bytes, in: frame.start..<bytes.byteCount)
                payload = try scanner.skipValue()
                try scanner.finish()
            }
            try bytes.extracting(payload).withUnsafeBytes { payload throws(DecodeError) in
                try buffer.append(payload.assumingMemoryBound(to: UInt8.self))
            }
        }
        try buffer.append(UInt8(ascii: "}"))
    }

    /// The schema, whose prefix is in the buffer then.
    private func schema(_ id: SchemaID) throws(DecodeError) -> CompiledSchema {
        if let current, current.id == id { return current.schema }
        switch entries[id] {
        case .known(let schema)?:
            current = nil
            buffer.cut(to: 0)
            try buffer.append(schema.prefix)
            current = (id, schema)
            return schema
        case .unusable(let reason, _)?: throw DecodeError(reason, at: 0)
        case nil: throw DecodeError("\(id) has not been read from the registry", at: 0)
        }
    }
}

/// `{"schemaId":…,"payload":…}`, which Apicurio's ExtJsonConverter writes (`PrettyFormatStrategy`).
private struct ExtendedJSON {
    let id: SchemaID
    let payload: Range<Int>

    init(_ bytes: RawSpan) throws(DecodeError) {
        var scanner = JSONScanner(bytes)
        var number: Int64?
        var found: Range<Int>?
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            if scanner.matches(key, "schemaId") {
                number = try scanner.integer()
            } else if scanner.matches(key, "payload") {
                found = try scanner.skipValue()
            } else {
                try scanner.skipValue()
            }
        }
        try scanner.finish()
        guard let number, let found else {
            throw DecodeError(
                "the JSON has no schemaId beside a payload, as ExtJsonConverter writes it",
                at: 0
            )
        }
        (id, payload) = (.globalID(number), found)
    }
}
