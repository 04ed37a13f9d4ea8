import Kafka

/// Headers as one value of bytes, the way that `sink_dead_letters` keeps them.
///
/// For each header: the length of its name, the name, the length of its value or -1 where it has none, the value;
/// lengths are 32-bit integers, most significant byte first.
enum HeaderBytes {
    static func encode(_ headers: [RecordHeader]) -> [UInt8] {
        var bytes: [UInt8] = []
        for header in headers {
            append(header.name.utf8.count, to: &bytes)
            bytes.append(contentsOf: header.name.utf8)
            append(header.value?.count ?? -1, to: &bytes)
            bytes.append(contentsOf: header.value ?? [])
        }
        return bytes
    }

    /// The headers, or `nil` when the bytes are not what `encode` makes.
    static func decode(_ bytes: [UInt8]) -> [RecordHeader]? {
        var headers: [RecordHeader] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let name = take(&rest), let name, let value = take(&rest) else { return nil }
            headers.append(RecordHeader(String(decoding: name, as: UTF8.self), value.map { Array($0) }))
        }
        return headers
    }

    private static func append(_ length: Int, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: Int32(clamping: length).bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// The next length and as many bytes: `.some(nil)` for -1, `nil` when there are too few.
    private static func take(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>?? {
        guard rest.count >= 4 else { return .none }
        let length = Int(rest.prefix(4).reduce(Int32(0)) { $0 << 8 | Int32($1) })
        rest = rest.dropFirst(4)
        if length == -1 { return .some(nil) }
        guard length >= 0, rest.count >= length else { return .none }
        defer { rest = rest.dropFirst(length) }
        return rest.prefix(length)
    }
}
