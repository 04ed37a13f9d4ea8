/// What names a row on both sides.
struct RowKey: Sendable, Hashable, Comparable {
    var hash: Int64
    /// The key's columns as text.
    var texts: [String]

    /// The order in which the servers send rows: the hash, then the text's bytes.
    static func < (left: RowKey, right: RowKey) -> Bool {
        if left.hash != right.hash { return left.hash < right.hash }
        for (one, other) in zip(left.texts, right.texts) where one != other {
            return one.utf8.lexicographicallyPrecedes(other.utf8)
        }
        return false
    }

    var description: String { texts.joined(separator: ", ") }
}

/// What one side holds under a key: more than one row where nothing forbids it.
struct RowState: Sendable, Equatable {
    var rowCount: Int
    /// The sum of the rows' hashes.
    var hashes: Int64
    /// The highest version.
    var version: Int64?

    init(rowCount: Int = 1, hashes: Int64, version: Int64? = nil) {
        self.rowCount = rowCount
        self.hashes = hashes
        self.version = version
    }

    mutating func add(_ other: RowState) {
        rowCount += other.rowCount
        hashes &+= other.hashes
        version = [version, other.version].compactMap { $0 }.max()
    }

    func equals(_ other: RowState) -> Bool { rowCount == other.rowCount && hashes == other.hashes }
}

/// A key whose rows were not the same on both sides when they were first read.
struct Suspect: Sendable, Equatable {
    var key: RowKey
    var source: RowState?
    var destination: RowState?

    static func isEqual(_ source: RowState?, _ destination: RowState?) -> Bool {
        switch (source, destination) {
        case (nil, nil): return true
        case (let source?, let destination?): return source.equals(destination)
        default: return false
        }
    }
}

/// Merges both sides' rows, each in the order of their keys, into the keys that differ.
struct RowMerge: Sendable {
    private var source = Stream()
    private var destination = Stream()
    private(set) var suspects: [Suspect] = []

    /// Takes the next rows of one side; none says that there are no more.
    mutating func take(_ rows: [(RowKey, RowState)], from side: Side) {
        if side == .source { source.take(rows) } else { destination.take(rows) }
        advance()
    }

    /// Sides whose rows must be fetched before anything more can be told.
    var wanting: [Side] {
        (source.needsMore ? [.source] : []) + (destination.needsMore ? [.destination] : [])
    }

    private mutating func advance() {
        while !source.needsMore, !destination.needsMore {
            switch (source.first, destination.first) {
            case (nil, nil): return
            case (let one?, let other?) where one.0 == other.0:
                source.drop()
                destination.drop()
                if !one.1.equals(other.1) {
                    suspects.append(Suspect(key: one.0, source: one.1, destination: other.1))
                }
            case (let one?, let other) where other.map { one.0 < $0.0 } ?? true:
                source.drop()
                suspects.append(Suspect(key: one.0, source: one.1))
            case (_, let other?):
                destination.drop()
                suspects.append(Suspect(key: other.0, destination: other.1))
            case (_?, nil): return
            }
        }
    }

    /// One side's rows, those of one key joined.
    private struct Stream: Sendable {
        private var rows: [(RowKey, RowState)] = []
        private var place = 0
        private var hasEnded = false

        mutating func take(_ more: [(RowKey, RowState)]) {
            rows.removeFirst(place)
            place = 0
            if more.isEmpty { hasEnded = true }
            for row in more {
                if let last = rows.last, last.0 == row.0 {
                    rows[rows.count - 1].1.add(row.1)
                } else {
                    rows.append(row)
                }
            }
        }

        /// The last row may have another of the same key after it.
        var needsMore: Bool { !hasEnded && rows.count - place < 2 }
        var first: (RowKey, RowState)? { place < rows.count ? rows[place] : nil }
        mutating func drop() { place += 1 }
    }
}
