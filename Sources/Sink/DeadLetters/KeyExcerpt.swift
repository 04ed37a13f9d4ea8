import ChangeEvents

/// A record's key for a message to a person.
enum KeyExcerpt {
    private static let limit = 120

    /// The key without its schema, on one line, cut; `nil` when there is none.
    static func text(_ key: RawSpan?) -> String? {
        guard let key else { return nil }
        let range = (try? Payload.range(of: key)) ?? 0..<key.byteCount
        // A character has four bytes at most.
        let text = key.withUnsafeBytes { bytes in
            String(decoding: bytes[range].prefix((limit + 1) * 4), as: UTF8.self)
        }
        let shown = text.unicodeScalars.prefix(limit).map { scalar in
            scalar.value < 0x20 || scalar.value == 0x7F ? "?" : String(scalar)
        }
        return shown.joined() + (text.unicodeScalars.count > limit ? "…" : "")
    }
}
