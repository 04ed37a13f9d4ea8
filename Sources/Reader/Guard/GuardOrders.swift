import HTTPServer
import Model
import Synchronization

/// What people have ordered by HTTP, until the guard's loop takes it.
final class GuardOrders: Sendable {
    struct Content: Sendable, Equatable {
        /// The timeline whose gap is accepted.
        var accepted: Timeline?
        /// The fork is to be repaired at which this timeline ended.
        var repair: Timeline?
    }

    private let content = Mutex(Content())

    /// All that was ordered since the last call.
    func take() -> Content {
        content.withLock { content in
            defer { content = Content() }
            return content
        }
    }

    /// A person wants a fork repaired that came while nobody watched.
    func repair(_ text: String, _ shown: GuardBoard.Content) -> HTTPAnswer {
        guard let number = UInt32(text) else { return .text("\(text) is no timeline", status: 400) }
        guard shown.isActive else { return Self.passive }
        guard let timeline = shown.leader.timeline, shown.leader.cleared == timeline else {
            return .text("nothing is repaired before the leader's timeline is cleared", status: 409)
        }
        guard number < timeline.rawValue else {
            return .text("timeline \(number) has not ended: the leader is on \(timeline)", status: 409)
        }
        content.withLock { $0.repair = Timeline(number) }
        return .text(
            "accepted: rows that were changed since timeline \(number) ended are written again",
            status: 202
        )
    }

    /// A person accepts the gap on a timeline.
    func accept(_ text: String, _ shown: GuardBoard.Content) -> HTTPAnswer {
        guard let number = UInt32(text) else { return .text("\(text) is no timeline", status: 400) }
        guard shown.isActive else { return Self.passive }
        guard let held = shown.held, held.timeline.rawValue == number else {
            let now = shown.held.map { "timeline \($0.timeline) is held" } ?? "no gap is held"
            return .text("nothing to accept for timeline \(number): \(now)", status: 409)
        }
        content.withLock { $0.accepted = held.timeline }
        return .text("accepted: capture goes on without \(held.gap.range)", status: 202)
    }

    private static let passive = HTTPAnswer.text("another guard is the active one: ask that", status: 409)
}
