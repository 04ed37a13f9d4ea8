package import Model

/// A piece of the leader's log that the stream does not have, and that the guard had filled by an incremental snapshot.
///
/// Such a snapshot reads each row, and drops what it read of a row that the stream has a newer event of (Andreakis and
/// Papapanagiotou, "DBLog", 2020): either way the row comes to its present value, and what it was in the gap is never
/// told.
package struct FilledGap: Hashable, Sendable {
    package var from: LSN
    /// Where the stream goes on.
    package var to: LSN
}
