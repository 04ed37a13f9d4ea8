/// Why no further record may be taken until what was taken before is applied.
enum Barrier {
    /// What is in hand is applied, and what comes then is fetched anew.
    case cut
    /// A table must be changed, or its description read again.
    case change(TableChange)
    /// A record cannot be applied, and the lane does not go on without it.
    case record(SinkError)

    private var rank: Int {
        switch self {
        case .cut: 0
        case .change: 1
        case .record: 2
        }
    }

    /// Of two reasons the one that says more: a record that stops the lane, then a change, then a cut.
    ///
    /// A change ends with fetching anew, so it does what a cut does.
    static func stronger(_ one: Barrier?, _ other: Barrier) -> Barrier {
        guard let one, one.rank > other.rank else { return other }
        return one
    }
}
