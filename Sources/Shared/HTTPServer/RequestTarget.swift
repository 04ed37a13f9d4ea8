/// A path and a query, cut and decoded (RFC 3986; the query as browsers' forms write it).
struct RequestTarget: Equatable {
    /// The path's parts without empty ones, decoded.
    let parts: [String]
    /// The values of each name, in their order.
    let queries: [String: [String]]

    /// Reads what stands in the request's line; `nil` when it is no path from the root, or an escape is broken, or
    /// what it decodes to is no UTF-8 or has a NUL.
    init?(_ bytes: [UInt8]) {
        guard bytes.first == UInt8(ascii: "/"), bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            return nil
        }
        let mark = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        var parts: [String] = []
        for part in bytes[..<mark].split(separator: UInt8(ascii: "/")) {
            guard let text = Self.decoded(part) else { return nil }
            parts.append(text)
        }
        var queries: [String: [String]] = [:]
        for pair in bytes[mark...].dropFirst().split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = Self.decoded(pair[..<equals], plusIsSpace: true),
                let value = Self.decoded(pair[equals...].dropFirst(), plusIsSpace: true)
            else { return nil }
            queries[name, default: []].append(value)
        }
        (self.parts, self.queries) = (parts, queries)
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = false) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.endIndex, let high = bytes[index + 1].hexadecimalValue,
                    let low = bytes[index + 2].hexadecimalValue
                else { return nil }
                decoded.append(high << 4 | low)
                index += 3
            case UInt8(ascii: "+") where plusIsSpace:
                decoded.append(UInt8(ascii: " "))
                index += 1
            case let byte:
                decoded.append(byte)
                index += 1
            }
        }
        return decoded.contains(0) ? nil : String(validating: decoded, as: UTF8.self)
    }
}
