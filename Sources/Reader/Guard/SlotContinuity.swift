import Model

/// Whether the slot of a cleared timeline is still the one that the stream has read from.
///
/// A slot that was dropped and made anew, or moved by hand, begins after what was captured: the changes in between
/// never come, on the same timeline and without a fork. Known by this: it was seen missing; or nobody reads it, it
/// stands after the stored offset, and it stands where no reader can have brought it: after the end of the log at
/// the last look that it was right, or elsewhere than when nobody read it before. (Only after the offset is no proof:
/// a driver may confirm log without changes by itself.)
struct SlotContinuity: Sendable, Equatable {
    private enum Knowledge: Sendable, Equatable {
        /// Nothing was compared yet: only a stream that runs may go on.
        case none
        /// It was right, with the slot at this position if nobody read from it.
        case right(LSN?)
        case broken(GuardDecision.Gap)
    }

    private var knowledge = Knowledge.none
    /// The end of the log when it was right for the last time.
    private var seen: LSN?

    /// Whether capture may reach the leader.
    func allows(_ slot: GuardSituation.Slot) -> Bool {
        switch knowledge {
        case .none: if case .at(_, isStreaming: true) = slot { true } else { false }
        case .right: true
        case .broken: false
        }
    }

    /// What is missing, if something is.
    var gap: GuardDecision.Gap? { if case .broken(let gap) = knowledge { gap } else { nil } }

    /// Whether the stored offset has to be read to compare it.
    func wantsOffset(for slot: GuardSituation.Slot) -> Bool {
        switch slot {
        case .at(_, isStreaming: true): false
        case .at(let confirmed, isStreaming: false): knowledge != .right(confirmed)
        case .missing, .invalid: gap == nil
        }
    }

    /// A look while somebody reads.
    mutating func streams(_ written: LSN) {
        guard gap == nil else { return }
        (knowledge, seen) = (.right(nil), written)
    }

    /// A look while nobody reads, with the end of the log, and the offset that was read after it; `nil` where none is
    /// stored.
    mutating func compare(_ slot: GuardSituation.Slot, offset: LSN?, _ written: LSN) {
        guard let offset else {
            // The connector begins with a snapshot.
            (knowledge, seen) = (.right(nil), written)
            return
        }
        switch slot {
        case .missing:
            knowledge = .broken(.init(from: offset, to: nil, reason: "the slot was dropped"))
        case .invalid:
            knowledge = .broken(
                .init(from: offset, to: nil, reason: "the slot has lost the log that it needs")
            )
        case .at(let confirmed, _):
            if confirmed > offset, isElsewhere(confirmed) {
                let reason = "the slot was made anew, or moved: it begins after what was captured"
                knowledge = .broken(.init(from: offset, to: confirmed, reason: reason))
            } else {
                (knowledge, seen) = (.right(confirmed), written)
            }
        }
    }

    /// Whether no reader can have brought the slot there.
    private func isElsewhere(_ confirmed: LSN) -> Bool {
        if case .right(let before?) = knowledge { return before != confirmed }
        return seen.map { confirmed > $0 } ?? false
    }

    /// There is no connector: nothing can be compared, and it must be possible to register one.
    mutating func hasNoConnector() {
        if knowledge == .none { knowledge = .right(nil) }
    }

    /// The timeline was cleared with this slot.
    mutating func cleared(_ written: LSN) {
        (knowledge, seen) = (.right(nil), written)
    }
}
