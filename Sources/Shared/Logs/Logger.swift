import Glibc

/// Writes messages of one part of the program to standard error, one line each.
///
/// It is a value: a copy with more metadata leaves the original as it is. Any thread may log. Logging never
/// fails: what cannot be written is lost. A message that is below the level that `bootstrapLogging` set is
/// not even made.
public struct Logger: Sendable {
    /// The part of the program that speaks.
    public let label: String
    private var metadata: Metadata = [:]
    private let output: LogOutput

    /// A logger that writes as `bootstrapLogging` said; before that, as text from level `info` on.
    public init(label: String) {
        self.init(label: label, output: .standardError)
    }

    init(label: String, output: LogOutput) {
        (self.label, self.output) = (label, output)
    }

    /// A value that stands in all messages, unless the message has one for the same key.
    public subscript(metadataKey key: String) -> MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a message, if its level is not below the one that was set.
    ///
    /// - Parameters:
    ///   - message: a constant lower-case sentence.
    ///   - metadata: the values that belong to it; they stand for the logger's own of the same keys.
    public func log(
        level: Level,
        _ message: @autoclosure () -> Message,
        metadata: @autoclosure () -> Metadata? = nil
    ) {
        guard output.takes(level) else { return }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let entry = LogEntry(
            milliseconds: time.tv_sec * 1_000 + time.tv_nsec / 1_000_000,
            level: level,
            label: label,
            message: message().description,
            metadata: metadata().map { self.metadata.merging($0) { _, new in new } } ?? self.metadata
        )
        output.write(entry.line(output.form))
    }

    /// What a developer follows step by step.
    public func trace(_ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil) {
        log(level: .trace, message(), metadata: metadata())
    }

    /// What helps to find a fault.
    public func debug(_ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil) {
        log(level: .debug, message(), metadata: metadata())
    }

    /// What happens in order.
    public func info(_ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil) {
        log(level: .info, message(), metadata: metadata())
    }

    /// What is in order and seldom.
    public func notice(_ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil) {
        log(level: .notice, message(), metadata: metadata())
    }

    /// What is not as it should be; the program goes on.
    public func warning(_ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil) {
        log(level: .warning, message(), metadata: metadata())
    }

    /// What a person must act on.
    public func error(_ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil) {
        log(level: .error, message(), metadata: metadata())
    }

    /// What ends the program or its work.
    public func critical(_ message: @autoclosure () -> Message, metadata: @autoclosure () -> Metadata? = nil)
    {
        log(level: .critical, message(), metadata: metadata())
    }
}
