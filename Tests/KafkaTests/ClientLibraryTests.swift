import Testing

@testable import Kafka

@Suite struct ClientLibraryTests {
    @Test(
        arguments: [
            (0x0200_02FF, "2.0.2", false), (0x0201_00FF, "2.1.0", false), (0x0208_00FF, "2.8.0", false),
            (0x020D_01FF, "2.13.1", false), (0x020D_02FF, "2.13.2", true), (0x020D_02C8, "2.13.2", true),
            (0x0210_00FF, "2.16.0", true), (0x0300_00FF, "3.0.0", true), (0x0109_00FF, "1.9.0", false),
        ] as [(UInt32, String, Bool)]
    )
    func `a library that may skip records is refused by its version`(
        _ number: UInt32,
        _ text: String,
        _ isGood: Bool
    ) {
        let library = ClientLibrary(number: number)
        #expect(library.description == text)
        #expect(library.isGood == isGood)
        if isGood {
            #expect(throws: Never.self) { try library.check() }
        } else {
            let error = #expect(throws: KafkaError.self) { try library.check() }
            #expect(error?.description.contains("librdkafka \(text) skips records") == true)
            #expect(error?.isTransient == false)
        }
    }
}
