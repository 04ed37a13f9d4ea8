import Shared

/// A piece of the leader's log that the stream does not have, and that the guard had filled by an incremental snapshot.
///
/// Such a snapshot reads each row, and drops what it read of a row that the stream has a newer event of (Andreakis and
/// Papapanagiotou, "DBLog", 2020): either way the row comes to its present value, and what it was in the gap is never
/// told.
struct FilledGap: Hashable, Sendable {
    var from: LSN
    /// Where the stream goes on.
    var to: LSN

    /// Whether a write that the stream does not have lies in the gap: between the row's last event in front of it and the
    /// first one behind it.
    func explains(_ token: Int64, among events: [TopicContent.Event]) -> Bool {
        var before: TopicContent.Event?
        var behind: TopicContent.Event?
        for event in events where event.setsValue {
            if event.value < token, event.value > before?.value ?? .min { before = event }
            if event.value > token, event.value < behind?.value ?? .max { behind = event }
        }
        guard let behind, behind.lsn >= to else { return false }
        return before.map { $0.lsn <= to } ?? true
    }
}
