import Glibc
public import Logging

/// Sends logs to standard error: standard output is for results.
public func bootstrapLogging(level: Logger.Level) {
    LoggingSystem.bootstrap { label in
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
