/// The branch of a cluster's history that a server writes: it grows by one with every promotion.
public struct Timeline: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32

    public init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Reads the timeline from the name of a WAL file, whose first eight hexadecimal digits it is.
    ///
    /// `pg_walfile_name(pg_current_wal_lsn())` is right from the moment of the promotion;
    /// `pg_control_checkpoint()` still names the old timeline until the first checkpoint.
    public init?(walFileName: String) {
        guard walFileName.utf8.count == 24,
            let value = UInt32(String(decoding: walFileName.utf8.prefix(8), as: UTF8.self), radix: 16)
        else {
            return nil
        }
        rawValue = value
    }

    public var description: String { String(rawValue) }

    public static func < (left: Timeline, right: Timeline) -> Bool {
        left.rawValue < right.rawValue
    }
}
