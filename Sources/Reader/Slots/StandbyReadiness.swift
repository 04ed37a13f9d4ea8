/// Since when each standby is ready, or is not.
package struct StandbyReadiness: Sendable, Equatable {
    /// One standby.
    package struct Standby: Sendable, Equatable {
        package var isReady: Bool
        package var reason: String
        /// In nanoseconds of the monotonic clock.
        package var since: UInt64
    }

    package private(set) var standbys: [String: Standby] = [:]

    package init() {}

    /// What changed with a look, for a log.
    package enum News: Sendable, Equatable {
        case notReady(String, reason: String, remedy: String)
        case ready(String, proof: String, after: Duration)
    }

    /// Takes what was found; a node that is not named any more is forgotten.
    package mutating func take(_ found: [String: SlotReadiness], at now: UInt64) -> [News] {
        var news: [News] = []
        for name in standbys.keys where found[name] == nil { standbys[name] = nil }
        for (name, readiness) in found.sorted(by: { $0.key < $1.key }) {
            let before = standbys[name]
            switch readiness {
            case .leads: standbys[name] = nil
            case .ready(let proof):
                standbys[name] = Standby(
                    isReady: true,
                    reason: proof,
                    since: before?.isReady == true ? before?.since ?? now : now
                )
                guard let before, !before.isReady else { continue }
                news.append(.ready(name, proof: proof, after: .nanoseconds(Int64(now - before.since))))
            case .notReady(let reason, let remedy):
                let isNew = before?.isReady != false
                standbys[name] = Standby(
                    isReady: false,
                    reason: reason,
                    since: isNew ? now : before?.since ?? now
                )
                if isNew { news.append(.notReady(name, reason: reason, remedy: remedy)) }
            }
        }
        return news
    }

    /// Those that a switchover should wait for.
    package var waiting: [String] { standbys.filter { !$0.value.isReady }.keys.sorted() }
}
