/// Under which `application_name` a sink connects.
///
/// The server keeps 63 bytes of it, and of a character that is not ASCII not even its bytes: a name that would come out as
/// another one gets a hash of itself instead.
enum ApplicationName {
    private static let limit = 63

    static func of(sink: String) -> String {
        let plain = "handover-sink \(sink)"
        let isKept = plain.utf8.count <= limit && plain.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        guard !isKept else { return plain }
        let digits = String(UInt64(bitPattern: PresenceLock(sink: sink).key), radix: 16)
        let hash = String(repeating: "0", count: 16 - digits.utf8.count) + digits
        let letters = plain.unicodeScalars.map { (0x20..<0x7F).contains($0.value) ? Character($0) : "_" }
        return String(letters.prefix(limit - hash.utf8.count - 1)) + "#" + hash
    }
}
