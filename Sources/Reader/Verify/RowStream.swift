import Model

/// The events of one row in the order of their offsets, and what they say about the stream.
struct RowStream: Sendable {
    private(set) var values: Set<Token> = []
    /// Events that carry what an earlier one carried.
    private(set) var duplicateCount = 0
    /// Times that the row went back because events were sent again, or for the first time after a snapshot's read
    /// of a later state: a snapshot under load reads what the stream, which begins at an older slot, then leads up to.
    private(set) var replayCount = 0
    /// Events that came for the first time after a larger token of the stream: it did not keep the order.
    private(set) var disordered: [TopicContent.Event] = []
    /// The largest value that a snapshot read.
    private(set) var snapshotRead: Token?
    private(set) var snapshotReadCount = 0
    private(set) var firstValue: Token?

    init(_ events: [TopicContent.Event]) {
        var last = Token.least
        var lastStreamed = Token.least
        for event in events where event.setsValue {
            firstValue = firstValue ?? event.value
            if event.kind == .snapshotRead {
                snapshotRead = max(snapshotRead ?? .least, event.value)
                snapshotReadCount += 1
            }
            let isNew = values.insert(event.value).inserted
            // A snapshot may read a value that the stream carries too: that is no duplicate.
            if !isNew && event.kind != .snapshotRead { duplicateCount += 1 }
            if event.value < last {
                if isNew && event.kind != .snapshotRead && event.value < lastStreamed {
                    disordered.append(event)
                } else {
                    replayCount += 1
                }
            }
            last = event.value
            if event.kind != .snapshotRead { lastStreamed = event.value }
        }
    }
}
