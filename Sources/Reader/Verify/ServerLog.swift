import Glibc
import Model

/// Where walsenders began to read from logical slots, and where decoding was consistent, as servers' logs have it.
///
/// The only witness that is left some time after a promotion: the slot itself has moved on. PostgreSQL writes these
/// lines at its default level. They are known in English, and with `[pid]` in the prefix, which is its default.
struct ServerLog: Sendable, Equatable {
    /// A walsender began to read.
    struct Start: Sendable, Hashable {
        var slot: String
        /// It sends what is committed after this: the position that was asked for, or the slot's, if that is later.
        var position: LSN
        /// Where decoding was consistent; `nil` where it ended before.
        var consistent: LSN?
        /// Whether decoding jumped to another slot's snapshot, after the place that it began at.
        var isPartial = false

        /// Whether it skipped, or may have skipped, what was committed after its position.
        var isCold: Bool { isPartial || consistent.map { $0 > position } ?? false }
    }

    /// A file that can't be read.
    struct Unreadable: Error, CustomStringConvertible {
        var path: String
        var code: Int32

        var description: String {
            "the server's log \(path) can't be read: \(String(cString: strerror(code)))"
        }
    }

    private struct Sender: Sendable, Equatable {
        var confirmed: LSN
        var restart: LSN
        var start: Int?
    }

    private(set) var starts: [Start] = []
    private var senders: [Int: Sender] = [:]
    private var wasConsistent: Int?
    /// Lines before are of another run; in seconds since 1970.
    private let begin: Int64?

    /// Longer lines hold a statement or a value, nothing of this.
    private static let longestLine = 65_536
    /// No log of one run has more; what a log grows by must not grow this.
    private static let limit = 100_000

    /// - Parameter begin: in seconds since 1970; lines whose time is not in UTC count, whenever they are of.
    init(since begin: Int64? = nil) {
        self.begin = begin
    }

    static func == (left: ServerLog, right: ServerLog) -> Bool { left.starts == right.starts }

    /// Reads a whole file.
    mutating func read(_ path: String) throws(Unreadable) {
        // A pipe must not hold up the verdict.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw Unreadable(path: path, code: errno) }
        defer { close(file) }
        senders = [:]
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var line: [UInt8] = []
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Unreadable(path: path, code: errno) }
            guard count > 0 else { break }
            for byte in chunk[..<count] {
                if byte == UInt8(ascii: "\n") {
                    take(line)
                    line.removeAll(keepingCapacity: true)
                } else if line.count < Self.longestLine {
                    line.append(byte)
                }
            }
        }
        take(line)
    }

    private static let streaming = Array("Streaming transactions committing after ".utf8)
    private static let asking = Array("START_REPLICATION SLOT \"".utf8)
    private static let finding = Array("logical decoding found consistent point at ".utf8)
    private static let restoring = Array("Logical decoding will begin using saved snapshot".utf8)

    /// Takes one line without its end.
    mutating func take(_ line: [UInt8]) {
        if let rest = Self.text(of: line, after: Self.streaming) {
            let places = Self.positions(in: rest)
            guard let sender = Self.process(of: line), places.count == 2, isOfThisRun(line) else { return }
            if senders.count >= Self.limit { senders = [:] }
            senders[sender] = Sender(confirmed: places[0], restart: places[1])
        } else if let rest = Self.text(of: line, after: Self.asking) {
            guard let sender = Self.process(of: line), let found = senders[sender], found.start == nil,
                let end = rest.firstIndex(of: UInt8(ascii: "\"")),
                let asked = Self.positions(in: rest[end...]).first, starts.count < Self.limit
            else { return }
            senders[sender]?.start = starts.count
            let slot = String(decoding: rest[..<end], as: UTF8.self)
            starts.append(Start(slot: slot, position: max(found.confirmed, asked)))
        } else if let rest = Self.text(of: line, after: Self.finding) {
            wasConsistent = nil
            guard let sender = Self.process(of: line), let start = senders[sender]?.start,
                starts[start].consistent == nil, let place = Self.positions(in: rest).first
            else { return }
            starts[start].consistent = place
            wasConsistent = sender
        } else if Self.text(of: line, after: Self.restoring) != nil {
            guard let sender = Self.process(of: line), sender == wasConsistent, let found = senders[sender],
                let start = found.start
            else { return }
            starts[start].isPartial = starts[start].consistent != found.restart
        }
    }

    private static func text(of line: [UInt8], after words: [UInt8]) -> ArraySlice<UInt8>? {
        guard line.count >= words.count else { return nil }
        return line.firstRange(of: words).map { line[$0.upperBound...] }
    }

    /// The positions in a text, whatever stands between them.
    private static func positions(in text: ArraySlice<UInt8>) -> [LSN] {
        text.split { !($0.isHexadecimal || $0 == UInt8(ascii: "/")) }
            .compactMap { LSN(String(decoding: $0, as: UTF8.self)) }
    }

    /// The number in the first brackets of a line.
    private static func process(of line: [UInt8]) -> Int? {
        guard let open = line.firstIndex(of: UInt8(ascii: "[")),
            let close = line[open...].firstIndex(of: UInt8(ascii: "]"))
        else { return nil }
        return Int(String(decoding: line[(open + 1)..<close], as: UTF8.self))
    }

    private func isOfThisRun(_ line: [UInt8]) -> Bool {
        guard let begin, let time = LogTime.seconds(line) else { return true }
        return time >= begin
    }
}

extension UInt8 {
    fileprivate var isHexadecimal: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"): true
        default: false
        }
    }
}

/// The time at the begin of a line of PostgreSQL's log: `2026-11-28 22:06:01.559 UTC`.
enum LogTime {
    /// - Returns: seconds since 1970, or `nil` where the line begins otherwise, or its time is not in UTC.
    static func seconds(_ line: [UInt8]) -> Int64? {
        let words = line.prefix(40).split(separator: UInt8(ascii: " "), maxSplits: 3).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard words.count >= 3, words[2] == "UTC" || words[2] == "GMT" else { return nil }
        let date = words[0].utf8.split(separator: UInt8(ascii: "-")).compactMap { Int64(Substring($0)) }
        let clock = words[1].utf8.split(separator: UInt8(ascii: ".")).first.map {
            $0.split(separator: UInt8(ascii: ":")).compactMap { Int64(Substring($0)) }
        }
        guard date.count == 3, let clock, clock.count == 3, (1970...9999).contains(date[0]) else {
            return nil
        }
        return days(date[0], date[1], date[2]) * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2]
    }

    /// Days since 1970 in the Gregorian calendar; a year begins with March, so that the leap day is its last.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
