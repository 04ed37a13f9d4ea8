import Model

/// What the slot says of an offset that is to be moved, read once the connector has stopped.
///
/// The server sends nothing that was committed before the slot's position, whatever offset a connector begins with. So
/// an offset that goes back to before it skips what lies between, and everything says RUNNING.
enum SlotAfterStop: Sendable, Equatable {
    /// Nobody reads it, and it is at or before the place.
    case ready
    /// Something reads it past the gate: its position is not final.
    case isRead(by: Int32)
    /// It is past the place, or not usable any more: what can be done must be decided anew.
    case changed

    /// - Parameters:
    ///   - reader: the server's process that reads the slot; `nil` where none does.
    ///   - target: where the offset is to go.
    init(_ slot: GuardSituation.Slot, reader: Int32?, target: LSN) {
        switch slot {
        case .missing, .invalid: self = .changed
        case .at(let confirmed, _) where confirmed > target: self = .changed
        case .at: self = reader.map { .isRead(by: $0) } ?? .ready
        }
    }
}
