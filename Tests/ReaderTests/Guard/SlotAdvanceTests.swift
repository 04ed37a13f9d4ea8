import Testing

@testable import Guard

struct SlotAdvanceTests {
    private static let strategy = "offset.mismatch.strategy"
    private static let seek = "slot.seek.to.known.offset.on.start"

    private static let connector = [
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector", "topic.prefix": "source",
    ]

    @Test(arguments: [
        [strategy: "trust_offset"], [strategy: "trust_greater_lsn"], [strategy: " Trust_Offset\t"],
        [strategy: "TRUST_GREATER_LSN"], [seek: "true"], [seek: "True"],
        [strategy: "trust_offset", seek: "false"],
    ])
    func `a connector that moves its slot forward is refused by name, unless that is allowed`(
        properties: [String: String]
    ) throws {
        let configuration = Self.connector.merging(properties) { $1 }
        let error = #expect(throws: GuardError.self) { try ConnectorFacts(configuration) }
        let name = properties[Self.strategy] == nil ? Self.seek : Self.strategy
        #expect(error?.part == .connect)
        #expect(error?.reason.contains("\(name)=t") == true)
        #expect(error?.reason.contains("--allow-slot-advance") == true)
        #expect(throws: Never.self) { try ConnectorFacts(configuration, isSlotAdvanceAllowed: true) }
    }

    @Test(arguments: [
        [:], [strategy: "no_validation"], [strategy: "trust_slot"], [strategy: ""], [strategy: " "],
        [seek: "false"], [strategy: "no_validation", seek: "true"],
        ["lsn.flush.mode": "connector_and_driver"],
    ])
    func `a connector that leaves its slot where it is is accepted`(properties: [String: String]) {
        #expect(throws: Never.self) {
            try ConnectorFacts(Self.connector.merging(properties) { $1 })
        }
    }
}
