import Glibc

/// How log lines look.
public enum LogFormat: String, Sendable, CaseIterable {
    /// For people and the journal: time, level, label, message, `key=value`.
    case text
    /// For programs: one JSON object a line.
    case json
}

/// How log lines look where they go.
enum LogForm: UInt8 {
    case text
    case colouredText
    /// Text with the journal's priority instead of the time.
    case journal
    case json

    /// The form for what a descriptor is.
    init(_ format: LogFormat, descriptor: Int32) {
        var status = stat()
        if format == .json {
            self = .json
        } else if fstat(descriptor, &status) == 0,
            Self.isJournal(Self.variable("JOURNAL_STREAM"), device: status.st_dev, inode: status.st_ino)
        {
            self = .journal
        } else {
            // An empty NO_COLOR does not count: no-color.org.
            let isPlain = isatty(descriptor) == 0 || !(Self.variable("NO_COLOR") ?? "").isEmpty
            self = isPlain ? .text : .colouredText
        }
    }

    /// Whether `JOURNAL_STREAM` names the file, as `device:inode` in decimal digits (systemd.exec(5)).
    ///
    /// That it is there says nothing alone: programs whose standard error goes elsewhere inherit it.
    static func isJournal(_ variable: String?, device: UInt, inode: UInt) -> Bool {
        variable == "\(device):\(inode)"
    }

    private static func variable(_ name: String) -> String? {
        // SAFETY: getenv's text ends with NUL and is copied at once; no program of ours changes its
        // environment.
        getenv(name).map { String(cString: $0) }
    }
}
