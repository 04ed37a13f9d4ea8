import Synchronization

/// What the guard's threads and HTTP share.
struct GuardExchange: Sendable {
    let board: GuardBoard
    let gate: CaptureGate
    let orders: GuardOrders
    let slot: GuardedSlot

    init(isDryRun: Bool) {
        board = GuardBoard()
        gate = CaptureGate(isDryRun: isDryRun)
        (orders, slot) = (GuardOrders(), GuardedSlot())
    }
}

/// The slot whose copies on the standbys are looked at: the loop writes it, the thread for the standbys reads it.
final class GuardedSlot: Sendable {
    struct Content: Sendable, Equatable {
        var name: String
        var plugin: String
    }

    private let content = Mutex<(slot: Content?, isActive: Bool)>((nil, false))

    /// The connector's slot; `nil` while its configuration is not known.
    var now: Content? { content.withLock { $0.slot } }

    /// Whether this guard acts, and so warms the copies.
    var isActive: Bool { content.withLock { $0.isActive } }

    func show(_ slot: Content?) {
        content.withLock { $0.slot = slot }
    }

    func show(isActive: Bool) {
        content.withLock { $0.isActive = isActive }
    }
}
