import Foundation
public import Logging

/// Writes each log message as one line of JSON on standard error: `time`, `level`, `logger`, `message`, and the
/// metadata beside them under `metadata`.
public struct JSONLogHandler: LogHandler {
    private struct Line: Encodable {
        let time: String
        let level: String
        let logger: String
        let message: String
        let metadata: [String: String]?
    }

    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let label: String

    public init(label: String, level: Logger.Level) {
        (self.label, logLevel) = (label, level)
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        // One write, so that lines of several threads do not mix.
        FileHandle.standardError.write(Data(line(event, at: Date()).utf8))
    }

    /// The line with its end.
    func line(_ event: LogEvent, at time: Date) -> String {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let line = Line(
            time: time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)),
            level: event.level.rawValue,
            logger: label,
            message: event.message.description,
            metadata: all.isEmpty ? nil : all.mapValues { "\($0)" }
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings can always be encoded.
        let data = (try? encoder.encode(line)) ?? Data()
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
