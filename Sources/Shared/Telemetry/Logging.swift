import Glibc
public import Logging

/// How log lines look.
public enum LogFormat: String, Sendable, CaseIterable {
    /// For people: time, level, message, `key=value`.
    case text
    /// For programs: one JSON object a line.
    case json
}

/// Sends logs to standard error: standard output is for results.
public func bootstrapLogging(level: Logger.Level, format: LogFormat = .text) {
    LoggingSystem.bootstrap { label in
        if format == .json { return JSONLogHandler(label: label, level: level) }
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = level
        return handler
    }
}

/// Writes one line to standard output at once, also when it is a file or a pipe.
public func printLine(_ line: String) {
    print(line)
    fflush(nil)
}
