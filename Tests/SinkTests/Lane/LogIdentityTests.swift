import Testing

@testable import Sink

@Suite struct LogIdentityTests {
    @Test(
        arguments: [
            (nil, nil, nil, nil, false), ("a", 3, nil, nil, false), (nil, nil, "a", 3, false),
            ("a", 3, "a", 3, false), ("a", 3, "a", 9, false),
            ("a", 3, "b", 3, true), ("a", nil, "b", nil, true), ("a", 3, "b", 9, true),
            ("a", 3, "a", 2, true), (nil, 3, nil, 0, true), ("a", 3, nil, 0, true),
            // Base64 knows capitals.
            ("a", nil, "A", nil, true),
        ] as [(String?, Int32?, String?, Int32?, Bool)]
    )
    func `another id or an older epoch is another log, and what is not known proves nothing`(
        id: String?,
        epoch: Int32?,
        foundID: String?,
        foundEpoch: Int32?,
        isOther: Bool
    ) {
        let stored = LogIdentity(topicID: id, leaderEpoch: epoch)
        let found = LogIdentity(topicID: foundID, leaderEpoch: foundEpoch)
        #expect((stored.contradiction(by: found) != nil) == isOther)
    }
}
