/// Why a lane does not fetch; it fetches again when no reason is left.
struct FetchPauses {
    enum Reason: Hashable {
        /// The destination is away.
        case destination
        /// A record's schema is waited for.
        case registry
        /// Somebody asked for it.
        case person
    }

    private var reasons: Set<Reason> = []

    /// Whether the lane fetches.
    var isEmpty: Bool { reasons.isEmpty }

    func contains(_ reason: Reason) -> Bool { reasons.contains(reason) }

    /// - Returns: whether the reason is new.
    mutating func begin(_ reason: Reason) -> Bool { reasons.insert(reason).inserted }

    /// - Returns: whether the reason was there.
    mutating func end(_ reason: Reason) -> Bool { reasons.remove(reason) != nil }
}
