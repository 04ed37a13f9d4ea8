import Glibc
import Synchronization

/// Says which messages are logged, and how; they go to standard error, since standard output is for results.
///
/// Call it once, at the start of the program.
public func bootstrapLogging(level: Logger.Level, format: LogFormat = .text) {
    LogOutput.standardError.set(level: level, format: format)
}

/// A descriptor that log lines go to, with what is set for it; any thread may use it.
final class LogOutput: Sendable {
    static let standardError = LogOutput(descriptor: STDERR_FILENO)
    /// How many milliseconds a line waits for room, where writing to the descriptor does not block.
    private static let patience: Int32 = 100

    private let descriptor: Int32
    /// The severity of the least level that is written.
    private let threshold = Atomic<UInt8>(Logger.Level.info.severity)
    private let rawForm: Atomic<UInt8>
    /// Whether the end of the last line is missing.
    ///
    /// The lock also keeps lines apart: one longer than PIPE_BUF may take several writes (pipe(7)).
    private let isTorn = Mutex(false)

    init(descriptor: Int32) {
        self.descriptor = descriptor
        rawForm = Atomic(LogForm(.text, descriptor: descriptor).rawValue)
    }

    func set(level: Logger.Level, format: LogFormat) {
        threshold.store(level.severity, ordering: .relaxed)
        rawForm.store(LogForm(format, descriptor: descriptor).rawValue, ordering: .relaxed)
    }

    func takes(_ level: Logger.Level) -> Bool { level.severity >= threshold.load(ordering: .relaxed) }

    var form: LogForm { LogForm(rawValue: rawForm.load(ordering: .relaxed)) ?? .text }

    /// Writes a line; what cannot be written is lost, since there is no other place to say so.
    ///
    /// It blocks as long as writing to the descriptor blocks. Where that does not block, a full pipe costs
    /// 100 ms once, and then nothing until there is room again.
    func write(_ line: [UInt8]) {
        isTorn.withLock { isTorn in
            let isWhole =
                isTorn
                ? Self.write([0x0A] + line, to: descriptor, patience: 0)
                : Self.write(line, to: descriptor, patience: Self.patience)
            isTorn = !isWhole
        }
    }

    /// Writes all bytes, with one call where the system takes them so.
    ///
    /// - Returns: false when not all were written.
    private static func write(_ bytes: [UInt8], to descriptor: Int32, patience: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                // SAFETY: the slice lies in the array, which lives as long as this closure runs.
                let count = Glibc.write(
                    descriptor,
                    UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                    rest.count
                )
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if count < 0 && errno == EAGAIN {
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    guard poll(&wait, 1, patience) > 0 else { return false }
                } else if count == 0 || errno != EINTR {
                    return false
                }
            }
            return true
        }
    }
}
