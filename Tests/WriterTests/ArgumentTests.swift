import Commands
import Testing

@testable import Writer

@Suite struct ArgumentTests {
    @Test func `a rate is a number or max`() throws {
        #expect(try Rate(argument: "2000") == Rate(2_000))
        #expect(try Rate(argument: "max") == Rate(nil))
    }

    @Test(arguments: ["0", "-5", "fast", "", "1.5", "10000001", "٣"])
    func `what is no rate is refused`(_ text: String) {
        #expect(throws: InvalidValue.self) { try Rate(argument: text) }
    }
}
