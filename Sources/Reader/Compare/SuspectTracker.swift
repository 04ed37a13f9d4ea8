import Evidence
import Model

/// Suspects, read again until they are on their way or have had the time to be.
///
/// The lag is measured on the suspects themselves: how long the slowest of those that arrived took. A suspect is a
/// difference when nothing has arrived for three times that long, and for the grace period at least. A row arrived
/// when the destination shows what the source held at the first look or later; it may be behind again by then.
struct SuspectTracker: Sendable {
    private struct Entry: Sendable {
        var suspect: Suspect
        /// Hashes of what the source was seen to hold.
        var known: Set<Int64>
        let first: Suspect
        /// When the destination's row last changed.
        var moved: UInt64?
    }

    private var entries: [RowKey: Entry]
    private let began: UInt64
    private let grace: UInt64
    private var lastProgress: UInt64
    /// Nanoseconds that the slowest row took to arrive, as seen from the first look.
    private(set) var lag: UInt64 = 0
    /// Suspects that turned out to be on their way.
    private(set) var inFlightCount = 0

    /// - Parameter grace: nanoseconds.
    init(_ suspects: [Suspect], grace: UInt64, at time: UInt64) {
        entries = [:]
        for suspect in suspects {
            let known = Set(suspect.source.map { [$0.hashes] } ?? [])
            entries[suspect.key] = Entry(suspect: suspect, known: known, first: suspect)
        }
        (began, self.grace, lastProgress) = (time, grace, time)
    }

    var keys: [RowKey] { entries.keys.sorted() }

    /// Takes a re-read of all suspects; the destination was read before the source.
    mutating func take(source: [RowKey: RowState], destination: [RowKey: RowState], at time: UInt64) {
        for key in keys {
            guard var entry = entries[key] else { continue }
            let (newSource, newDestination) = (source[key], destination[key])
            let hasMoved = newDestination != entry.suspect.destination
            if Suspect.isEqual(newSource, newDestination) || hasArrived(newDestination, newSource, entry) {
                entries[key] = nil
                inFlightCount += 1
                lag = max(lag, time - began)
                lastProgress = time
                continue
            }
            if hasMoved {
                entry.moved = time
                lastProgress = time
            }
            if let newSource { entry.known.insert(newSource.hashes) }
            entry.suspect.source = newSource
            entry.suspect.destination = newDestination
            entries[key] = entry
        }
    }

    private func hasArrived(_ found: RowState?, _ source: RowState?, _ entry: Entry) -> Bool {
        guard let found, found != entry.first.destination else { return false }
        if entry.known.contains(found.hashes) { return true }
        // The stream may fold several versions into one, so that no version that was seen is ever shown.
        guard let version = found.version, let target = entry.first.source?.version,
            let newest = source?.version
        else { return false }
        return version >= target && version < newest
    }

    /// Whether waiting longer would not tell more.
    func isSettled(at time: UInt64) -> Bool {
        entries.isEmpty || time - lastProgress >= max(grace, 3 * lag)
    }

    /// What is left: rows that stand still, and those that still move.
    func remaining(at time: UInt64) -> (still: [Suspect], moving: Int) {
        let quiet = max(grace, 3 * lag)
        let moving = entries.values.filter { entry in entry.moved.map { time - $0 < quiet } ?? false }
        let still = entries.values.filter { entry in !(entry.moved.map { time - $0 < quiet } ?? false) }
        return (still.map(\.suspect).sorted { $0.key < $1.key }, moving.count)
    }
}

/// A row that is not the same on both sides, and did not become so.
struct Difference: Sendable, Equatable {
    enum Kind: String, Sendable, CaseIterable {
        /// Only at the source.
        case missing
        /// Only at the destination.
        case extra
        /// The destination's version is older.
        case behind
        /// The destination's version is newer than any of the source's.
        case ahead
        /// The destination's version is one that the history's writer never tried to write.
        case foreign
        /// Other content under the same version, or no version to tell.
        case different
    }

    var kind: Kind
    var suspect: Suspect

    /// - Parameter attempted: the versions that were tried, by key; `nil` without a history.
    init(_ suspect: Suspect, attempted: RowTokens? = nil) {
        self.suspect = suspect
        kind = Self.kind(suspect.source, suspect.destination)
        guard let attempted, suspect.key.texts.count == 1, let id = Int64(suspect.key.texts[0]),
            let version = suspect.destination?.version, version != suspect.source?.version
        else { return }
        if !attempted.contains(Token(version), of: RowID(id)) { kind = .foreign }
    }

    private static func kind(_ source: RowState?, _ destination: RowState?) -> Kind {
        guard let source else { return .extra }
        guard let destination else { return .missing }
        if source.rowCount != destination.rowCount {
            return source.rowCount > destination.rowCount ? .missing : .extra
        }
        guard let old = source.version, let new = destination.version, old != new else { return .different }
        return new < old ? .behind : .ahead
    }
}
