import ChangeEvents
import Glibc

/// Reads a history from its begin, and what is appended to it later; owns the descriptor.
public struct HistoryReader: ~Copyable {
    public let path: String
    private let descriptor: Int32
    /// The begin of a line whose end is not in the file yet.
    private var rest: [UInt8] = []
    private var lineNumber = 0
    /// Whether what is read next is the rest of a line whose begin was not.
    private var isInsideLine: Bool
    /// A line that could not be read; it is forgiven if nothing of the same program follows.
    private var torn: (lineNumber: Int, error: DecodeError)? = nil
    /// Lines that were torn by a program that died.
    public private(set) var tornLineCount = 0

    /// Opens the file.
    ///
    /// - Parameter offset: where to begin, in bytes; the line that it falls into is passed over.
    /// - Throws: `HistoryError` with the system's reason.
    public init(_ path: String, from offset: Int64 = 0) throws(HistoryError) {
        self.path = path
        isInsideLine = offset > 0
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw HistoryError(path: path, reason: "cannot open: \(String(cString: strerror(errno)))")
        }
        // From the byte before: if that ends a line, none is passed over.
        if offset > 0 { lseek(descriptor, off_t(offset - 1), SEEK_SET) }
    }

    deinit {
        close(descriptor)
    }

    /// Calls `body` with each line that is complete by now and was not read before.
    ///
    /// - Throws: `HistoryError` that names the line which is no line of a history.
    public mutating func readNewLines(_ body: (HistoryLine) -> Void) throws(HistoryError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw HistoryError(path: path, reason: "cannot read: \(String(cString: strerror(errno)))")
            }
            guard count > 0 else { return }
            rest.append(contentsOf: buffer[..<count])
            try takeLines(body)
        }
    }

    /// All complete lines of a file, and how many were torn.
    public static func readAll(
        _ path: String
    ) throws(HistoryError) -> (lines: [HistoryLine], tornLineCount: Int) {
        var reader = try HistoryReader(path)
        var lines: [HistoryLine] = []
        try reader.readNewLines { lines.append($0) }
        return (lines, reader.finish())
    }

    /// Says that the file is not read on: its last line is torn if it can't be read or has no end.
    ///
    /// - Returns: how many lines were torn.
    public consuming func finish() -> Int {
        tornLineCount + (torn == nil ? 0 : 1) + (rest.isEmpty ? 0 : 1)
    }

    private mutating func takeLines(_ body: (HistoryLine) -> Void) throws(HistoryError) {
        var start = 0
        while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
            lineNumber += 1
            let length = end - start
            if isInsideLine {
                isInsideLine = false
            } else if length > 0 {
                let line: HistoryLine?
                do throws(DecodeError) {
                    line = try HistoryLine(decoding: rest.span.bytes.extracting(start..<end))
                } catch {
                    line = nil
                    try failOnTorn()
                    torn = (lineNumber, error)
                }
                if let line {
                    try settleTorn(before: line)
                    body(line)
                }
            }
            start = end + 1
        }
        rest.removeFirst(start)
    }

    /// A torn line is the last one of a program that died: the next is by a program that starts, the lab, the reader or its guard.
    private mutating func settleTorn(before line: HistoryLine) throws(HistoryError) {
        guard torn != nil else { return }
        switch line.event {
        case .run, .fault, .fence, .lag, .restart, .rewind, .guardAct, .phantom:
            torn = nil
            tornLineCount += 1
        default: try failOnTorn()
        }
    }

    private func failOnTorn() throws(HistoryError) {
        guard let torn else { return }
        throw HistoryError(
            path: path,
            reason: "line \(torn.lineNumber) is not a line of a history (\(torn.error)), and it is not the "
                + "last line of a program that died; restore the file, or cut it before that line"
        )
    }
}
