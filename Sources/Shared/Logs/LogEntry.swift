/// One message with what belongs to it, and the bytes of its line.
struct LogEntry {
    /// Since 1970, by the wall clock.
    let milliseconds: Int
    let level: Logger.Level
    let label: String
    let message: String
    let metadata: Logger.Metadata

    /// The line with its end.
    func line(_ form: LogForm) -> [UInt8] {
        var line = LogLine()
        switch form {
        case .json:
            writeJSON(&line)
        case .journal:
            // sd-daemon(3): the journal takes the priority from here, of which 7 is the least, and has its
            // own time.
            line.write("<\(min(7, 8 - level.severity))>\(level)")
            writeText(&line)
        case .text:
            line.write("\(UTCTime(milliseconds: milliseconds)) \(level)")
            writeText(&line)
        case .colouredText:
            line.write("\(UTCTime(milliseconds: milliseconds)) \(level.colour)\(level)\u{1B}[0m")
            writeText(&line)
        }
        return line.finished()
    }

    /// `[label] message key=value`: the message stands in front, whatever the values are.
    private func writeText(_ line: inout LogLine) {
        line.write(" [")
        line.writeText(label)
        line.write("] ")
        line.writeText(message)
        for (key, value) in sorted where !line.isFull {
            line.write(" ")
            line.writeWord(key)
            line.write("=")
            line.writeWord(value)
        }
    }

    /// One object with sorted keys.
    private func writeJSON(_ line: inout LogLine) {
        line.write("{\"level\":\"\(level)\",\"logger\":")
        line.writeJSON(label)
        line.write(",\"message\":")
        line.writeJSON(message)
        var separator = ",\"metadata\":{"
        for (key, value) in sorted where !line.isFull {
            line.write(separator)
            line.writeJSON(key)
            line.write(":")
            line.writeJSON(value)
            separator = ","
        }
        if separator == "," { line.write("}") }
        line.write(",\"time\":\"\(UTCTime(milliseconds: milliseconds))\"}")
    }

    private var sorted: [(key: String, value: String)] {
        metadata.map { ($0.key, $0.value.description) }.sorted { $0.key < $1.key }
    }
}

extension Logger.Level {
    /// The start of a coloured word (ECMA-48, SGR).
    fileprivate var colour: String {
        switch self {
        case .trace, .debug: "\u{1B}[2m"
        case .info: "\u{1B}[36m"
        case .notice: "\u{1B}[32m"
        case .warning: "\u{1B}[33m"
        case .error: "\u{1B}[31m"
        case .critical: "\u{1B}[1;31m"
        }
    }
}
