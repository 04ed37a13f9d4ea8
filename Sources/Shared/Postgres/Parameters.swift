/// The object identifiers of the types that parameters are bound as (PostgreSQL's `pg_type.dat`).
public enum TypeOID {
    public static let bool: UInt32 = 16
    public static let int8: UInt32 = 20
    public static let int2: UInt32 = 21
    public static let int4: UInt32 = 23
    public static let text: UInt32 = 25
    public static let float4: UInt32 = 700
    public static let float8: UInt32 = 701
    public static let varchar: UInt32 = 1043
    public static let date: UInt32 = 1082
    public static let timestamp: UInt32 = 1114
    public static let timestamptz: UInt32 = 1184
    public static let bytea: UInt32 = 17
    public static let boolArray: UInt32 = 1000
    public static let byteaArray: UInt32 = 1001
    public static let int2Array: UInt32 = 1005
    public static let int4Array: UInt32 = 1007
    public static let textArray: UInt32 = 1009
    public static let int8Array: UInt32 = 1016
    public static let float4Array: UInt32 = 1021
    public static let float8Array: UInt32 = 1022
    public static let timestampArray: UInt32 = 1115
    public static let dateArray: UInt32 = 1182
    public static let timestamptzArray: UInt32 = 1185
}

/// The parameters of one statement, encoded in PostgreSQL's binary format into one buffer that is reused.
///
/// They may grow beyond what a message can hold: `sizeError` tells, and a connection sends none that does not fit. A
/// length beyond 32 bits is cut then, which nobody reads.
///
/// Arrays are written element by element, so that a batch of rows becomes one parameter a column without an
/// intermediate copy. Format: PostgreSQL's `array_send` and the `…send` function of each type.
public struct Parameters: Sendable {
    /// Bytes of all the parameters, one after the other.
    private(set) var bytes: [UInt8] = []
    /// Where each parameter lies in `bytes`; a length of -1 is NULL.
    private(set) var places: [(offset: Int, length: Int)] = []
    private(set) var types: [UInt32] = []

    public init() {}

    /// The number of parameters.
    public var count: Int { places.count }

    /// Bytes that would be sent.
    public var byteCount: Int { bytes.count }

    /// The largest message that the server reads: PostgreSQL's `PQ_LARGE_MESSAGE_LIMIT`, `MaxAllocSize` less one.
    ///
    /// A field of a row has the same limit, less its header.
    public static let largestMessage = 0x3fff_ffff - 1

    /// Bytes of the message that binds these parameters to a statement without a name: its length, two empty names, a
    /// format for each and a length before each, and the format of the results.
    public var messageByteCount: Int { bytes.count + 6 * places.count + 14 }

    /// What the server would say to a message of this size if it could; `nil` where it reads it.
    public func sizeError(server: String, limit: Int = Self.largestMessage) -> PostgresError? {
        guard messageByteCount > limit else { return nil }
        return PostgresError(
            code: .server,
            sqlState: .programLimitExceeded,
            message:
                "the values are \(byteCount) bytes in one message, and PostgreSQL reads at most "
                + "\(limit); nothing was sent",
            server: server
        )
    }

    /// Memory that is kept when the parameters are forgotten.
    public var keptByteCount: Int { bytes.capacity }

    /// Forgets the parameters, keeps the memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        types.removeAll(keepingCapacity: true)
    }

    public mutating func append(null type: UInt32) {
        places.append((bytes.count, -1))
        types.append(type)
    }

    public mutating func append(_ value: String) {
        places.append((bytes.count, value.utf8.count))
        types.append(TypeOID.text)
        bytes.append(contentsOf: value.utf8)
    }

    public mutating func append(_ value: Int32) {
        places.append((bytes.count, 4))
        types.append(TypeOID.int4)
        append(bigEndian: value)
    }

    public mutating func append(_ value: Int64) {
        places.append((bytes.count, 8))
        types.append(TypeOID.int8)
        append(bigEndian: value)
    }

    /// Begins a one-dimensional array parameter; exactly `count` elements must follow, then `finishArray()`.
    public mutating func startArray(of elementType: UInt32, array arrayType: UInt32, count: Int) {
        places.append((bytes.count, 0))
        types.append(arrayType)
        append(bigEndian: Int32(clamping: count == 0 ? 0 : 1))
        // The flag says that nulls may be present; the server computes the real one itself.
        append(bigEndian: Int32(1))
        append(bigEndian: elementType)
        guard count > 0 else { return }
        append(bigEndian: Int32(clamping: count))
        append(bigEndian: Int32(1))
    }

    public mutating func elementNull() {
        append(bigEndian: Int32(-1))
    }

    public mutating func element<Value: FixedWidthInteger>(_ value: Value) {
        append(bigEndian: Int32(clamping: MemoryLayout<Value>.size))
        append(bigEndian: value)
    }

    public mutating func element(_ value: Bool) {
        append(bigEndian: Int32(1))
        bytes.append(value ? 1 : 0)
    }

    public mutating func element(_ text: String) {
        append(bigEndian: Int32(clamping: text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    public mutating func element(_ text: ArraySlice<UInt8>) {
        append(bigEndian: Int32(clamping: text.count))
        bytes.append(contentsOf: text)
    }

    /// Ends the array that `startArray` began.
    public mutating func finishArray() {
        places[places.count - 1].length = bytes.count - places[places.count - 1].offset
    }

    private mutating func append<Value: FixedWidthInteger>(bigEndian value: Value) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Lends pointers, lengths and types in the shape that libpq takes, all in binary format.
    func withLibpqArrays<R>(
        _ body: (
            Int32, UnsafePointer<UInt32>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?,
            UnsafePointer<Int32>?
        ) -> R
    ) -> R {
        bytes.withUnsafeBytes { buffer in
            // An empty value needs a pointer that is not null: null would be SQL NULL.
            let empty: StaticString = ""
            // SAFETY: a StaticString's bytes live as long as the program.
            let emptyPointer = UnsafeRawPointer(empty.utf8Start).assumingMemoryBound(to: CChar.self)
            let values = places.map { place -> UnsafePointer<CChar>? in
                guard place.length >= 0 else { return nil }
                guard place.length > 0, let base = buffer.baseAddress else { return emptyPointer }
                // SAFETY: CChar and UInt8 have the same layout, libpq only reads `length` bytes.
                return base.advanced(by: place.offset).assumingMemoryBound(to: CChar.self)
            }
            let lengths = places.map { Int32(clamping: max(0, $0.length)) }
            let formats = [Int32](repeating: 1, count: places.count)
            return body(Int32(clamping: places.count), types, values, lengths, formats)
        }
    }
}
