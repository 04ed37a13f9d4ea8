import Testing

@testable import Writer

@Suite struct ArgumentTests {
    @Test func `a length of time has a unit or is in seconds`() {
        #expect(TimeSpan(argument: "30")?.duration == .seconds(30))
        #expect(TimeSpan(argument: "30s")?.duration == .seconds(30))
        #expect(TimeSpan(argument: "1.5s")?.duration == .milliseconds(1_500))
        #expect(TimeSpan(argument: "500ms")?.duration == .milliseconds(500))
        #expect(TimeSpan(argument: "5m")?.duration == .seconds(300))
        #expect(TimeSpan(argument: "1h")?.duration == .seconds(3_600))
    }

    @Test(arguments: ["", "s", "0", "-1", "5x", "1e9h", "٣s", "5 s", ".", "nan", "99999999999999999999h"])
    func `what is no length of time is refused`(_ argument: String) {
        #expect(TimeSpan(argument: argument) == nil)
    }

    @Test func `a rate is a number or max`() {
        #expect(Rate(argument: "2000") == Rate(2_000))
        #expect(Rate(argument: "max") == Rate(nil))
        for argument in ["0", "-5", "fast", "", "1.5"] { #expect(Rate(argument: argument) == nil) }
    }
}
