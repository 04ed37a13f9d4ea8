/// The bytes of one line: what comes from elsewhere is escaped, and cut where the line would be too long.
///
/// It looks at Unicode scalars only: what a combining mark makes of the quote before it must not change where
/// a value ends.
struct LogLine {
    /// How long a line can be, in bytes with its end: the journal makes several entries of a longer one
    /// (`LineMax` in journald.conf(5)).
    static let limit = 49_152
    /// Stands where text was cut.
    private static let mark = "…[cut]"
    /// Room for one more escaped scalar, the mark, and what `LogEntry` itself writes after it.
    private static let reserve = 256

    private var bytes: [UInt8] = []
    /// Whether text was cut: only the structure of the line is still written.
    private(set) var isFull = false

    init() {
        bytes.reserveCapacity(256)
    }

    /// Adds what the program itself writes.
    mutating func write(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Adds text in which quotes and backslashes stand as they are.
    mutating func writeText(_ text: String) {
        write(text, isQuoted: false, escape: \.escaped)
    }

    /// Adds a key or a value: in quotes where its end could not be told otherwise.
    mutating func writeWord(_ text: String) {
        guard text.isEmpty || text.unicodeScalars.contains(where: Self.needsQuotes) else {
            return writeText(text)
        }
        write("\"")
        write(text, isQuoted: true, escape: \.escaped)
        write("\"")
    }

    /// Adds a string of JSON (RFC 8259, section 7), with its quotes.
    mutating func writeJSON(_ text: String) {
        write("\"")
        // Four digits are enough: all that is escaped lies in the Basic Multilingual Plane.
        write(text, isQuoted: true) { scalar in
            let digits = String(scalar.value, radix: 16)
            return "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)"
        }
        write("\"")
    }

    /// The line with its end.
    consuming func finished() -> [UInt8] {
        bytes.append(0x0A)
        return bytes
    }

    private mutating func write(_ text: String, isQuoted: Bool, escape: (Unicode.Scalar) -> String) {
        for scalar in text.unicodeScalars {
            guard !isFull else { return }
            switch scalar {
            case "\"" where isQuoted: write("\\\"")
            case "\\" where isQuoted: write("\\\\")
            case "\n": write("\\n")
            case "\r": write("\\r")
            case "\t": write("\\t")
            case " "..."~": bytes.append(UInt8(scalar.value))
            case _ where scalar.isHidden: write(escape(scalar))
            default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
            if bytes.count > Self.limit - Self.reserve {
                write(Self.mark)
                isFull = true
            }
        }
    }

    private static func needsQuotes(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\"", "\\", "=", " ": true
        case "!"..."~": false
        default: scalar.isHidden || scalar.properties.isWhitespace
        }
    }
}
