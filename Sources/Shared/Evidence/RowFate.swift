package import Model

/// What became of the attempts on one row, by what the row holds: the one definition of what is lost.
///
/// Each attempt names the value that it expects to find, and no value comes twice. So what a row held is a chain, from
/// the value that it holds now back through what each was written over. An attempt that is not in the chain did not
/// happen, or a failover took it, also where others wrote over the gap later.
///
/// The chain is found in one pass from the last attempt to the first, for the attempts stand in the order in which they
/// were invoked, and tokens of a row only rise.
package struct RowFate: Sendable {
    package enum Fate: UInt8, Sendable {
        /// It happened, and is there still, or was written over in turn.
        case surviving
        /// It did not happen, or it is lost.
        case gone
        /// Nobody knows: it stands below a value that no attempt wrote, or the row is gone.
        case unknown
    }

    /// One for each attempt, in the same order.
    package private(set) var fates: [Fate]
    /// What the row holds, under its markers, where no attempt wrote that.
    package private(set) var foreign: Token?
    /// Whether there is no such row although nobody deleted it.
    package private(set) var isGone = false
    /// Whether the row was made and deleted: nothing but the attempts tells that it ever was.
    package private(set) var isVanished = false

    /// - Parameters:
    ///   - attempts: the row's, in the order in which they were invoked.
    ///   - fences: the markers that were written over the row's values.
    ///   - held: what the row holds, `nil` where there is no row.
    package init(_ attempts: [Attempt], fences: [Fence] = [], held: Token?) {
        fates = Array(repeating: .gone, count: attempts.count)
        guard let held else {
            vanish(attempts, fences)
            return
        }
        let value = Self.value(under: fences, held)
        // What the first attempt found was there before this history, maybe under a marker; 0 is how a row begins.
        let isOlder =
            value == 0 || value == attempts.first?.previous
            || value == attempts.first.map { Self.value(under: fences, $0.previous) }
        if !isOlder, !attempts.reversed().contains(where: { $0.after == value }) { foreign = value }
        // Nobody knows what a value of nobody's was written over.
        follow(attempts, attempts.count, fences, from: foreign == nil ? value : .greatest)
    }

    /// What the row held before markers were put on it: a marker must not hide that a write under it is gone.
    private static func value(under fences: [Fence], _ value: Token) -> Token {
        var value = value
        for fence in fences.reversed() where fence.token == value { value = fence.previous }
        return value
    }

    /// Goes from a value back through the attempts in front of a place.
    private mutating func follow(_ attempts: [Attempt], _ end: Int, _ fences: [Fence], from value: Token) {
        var value = value
        for place in (0..<end).reversed() {
            // A key that was given up never comes back: a delete in front of a value did not happen.
            guard let after = attempts[place].after, after <= value else { continue }
            let isUnsettled = attempts[place].isUnsettled
            // No attempt that is left wrote the value: what was acknowledged below it was written over.
            guard after == value || attempts[place].isAcknowledged else {
                if isUnsettled { fates[place] = .unknown }
                continue
            }
            fates[place] = .surviving
            // The row was made by this one: whatever was tried on its key before did not make it.
            guard let before = attempts[place].before else { return }
            value = Self.value(under: fences, before)
        }
    }

    private mutating func vanish(_ attempts: [Attempt], _ fences: [Fence]) {
        let ends = attempts.indices.filter { attempts[$0].effect == .delete }
        // At most one of them happened.
        let end = ends.first { attempts[$0].isAcknowledged } ?? ends.last { attempts[$0].isUnsettled }
        let wasMade = attempts.first?.effect == .insert
        isVanished = wasMade && !ends.isEmpty
        guard let end else {
            // Nothing was there at the begin either, and what was to make the row did not.
            isGone = !wasMade
            for place in attempts.indices where isGone && attempts[place].isUnsettled {
                fates[place] = .unknown
            }
            return
        }
        fates[end] = .surviving
        guard let before = attempts[end].before else { return }
        follow(attempts, end, fences, from: Self.value(under: fences, before))
    }

    /// The row that was to be made never was: nothing happened to it.
    mutating func neverWas() {
        for place in fates.indices { fates[place] = .gone }
    }
}
