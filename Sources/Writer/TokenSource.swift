import History
import Model
import Synchronization

/// The one counter from which all workers take their tokens.
final class TokenSource: Sendable {
    private let last: Atomic<Int64>

    /// - Parameter last: the largest token that may have been used; the first one is after it.
    init(after last: Int64) {
        self.last = Atomic(last)
    }

    /// A token that was never given out.
    func next() -> Token {
        Token(last.add(1, ordering: .relaxed).newValue)
    }

    /// What to begin after so that no token is ever used twice.
    ///
    /// Table and history are not enough: if the history was lost and an asynchronous failover took rows back,
    /// both are after tokens that the topic still holds. The wall clock in microseconds is ahead of those as
    /// long as no run wrote more than a million times a second.
    static func lastUsed(inTable table: Int64?, inHistory history: Int64?, wall: Int64) -> Int64 {
        max(table ?? 0, history ?? 0, wall)
    }
}

/// Finds the largest token of a history.
struct HistoryTokens: Sendable {
    private(set) var largest: Int64?

    init() {}

    /// Looks at one line: attempts, fences, and any value that was read from a row.
    mutating func look(at line: HistoryLine) {
        switch line.event {
        case .invoke(let attempt, _): note(max(attempt.name.token.rawValue, attempt.previous))
        case .fence(_, let token, _): note(token.rawValue)
        case .settled(let name, _, let value, _): note(max(name.token.rawValue, value ?? 0))
        case .observed(_, _, let value, _, _): note(value ?? 0)
        default: break
        }
    }

    private mutating func note(_ value: Int64) {
        largest = max(largest ?? value, value)
    }
}
