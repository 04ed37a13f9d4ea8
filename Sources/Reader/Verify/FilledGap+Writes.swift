import Evidence
import Model

extension FilledGap {
    /// Whether a write that the stream does not have lies in the gap: between the row's last event in front of it and the
    /// first one after it.
    func explains(_ token: Token, among events: [TopicContent.Event]) -> Bool {
        var before: TopicContent.Event?
        var following: TopicContent.Event?
        for event in events where event.setsValue {
            if event.value < token, event.value > before?.value ?? .least { before = event }
            if event.value > token, event.value < following?.value ?? .greatest { following = event }
        }
        guard let following, following.lsn >= to else { return false }
        return before.map { $0.lsn <= to } ?? true
    }
}
