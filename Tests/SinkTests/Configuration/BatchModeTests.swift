import Testing

@testable import Sink

struct BatchModeTests {
    @Test func `a batch mode that keeps every change of a key is refused`() {
        let property = "keyed.message.batch.mode"
        #expect(ConfigurationFixture.problems([property: "deduplication"]).isEmpty)
        #expect(
            ConfigurationFixture.problems([property: "passthrough"]).map {
                $0.hasPrefix("\(property) = \"passthrough\": ")
            } == [true]
        )
    }
}
