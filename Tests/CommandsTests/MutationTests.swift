import Commands
import Testing

@Suite struct MutationTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        // SplitMix64 (Steele, Lea, Flood 2014): the same lines for the same seed.
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    private static let words = [
        "carry", "look", "help", "secret", "--rows", "--rows=3", "--format", "json", "--no-pipeline",
        "--allow",
        "--server-ca", "-q", "-h", "--", "-", "--help", "--version", "a", "", "=", "--=", "--rows=", "5s",
        "1e9h",
        "\u{600}", "e\u{301}", "\u{1B}[31m", "\0", "--\u{200D}", "٣", "-9223372036854775809", "--timeout",
        "max",
        "--generate-completion-script", "--generate-man-page", "\u{1F468}\u{200D}\u{1F469}",
    ]

    @Test
    func `ten thousand mutated command lines and variables end in a run, a text or an error that says why`() {
        var generator = Generator(state: 20_261_128)
        for round in 0..<10_000 {
            var line: [String] = []
            for _ in 0..<Int.random(in: 0...7, using: &generator) {
                var bytes = Array(Self.words.randomElement(using: &generator)!.utf8)
                if Int.random(in: 0..<3, using: &generator) == 0 {
                    for _ in 0..<Int.random(in: 1...3, using: &generator) {
                        let byte = UInt8.random(in: 0...255, using: &generator)
                        bytes.insert(byte, at: Int.random(in: 0...bytes.count, using: &generator))
                    }
                }
                line.append(String(decoding: bytes, as: UTF8.self))
            }
            let variable = Self.words.randomElement(using: &generator)!
            switch Invocation(of: Tool.self, line, environment: { _ in variable }, width: 80) {
            case .run: break
            case .print(let text): #expect(!text.isEmpty, "round \(round): \(line)")
            case .refuse(let text):
                #expect(text.utf8.starts(with: "Error: ".utf8), "round \(round): \(line)")
                #expect(text.utf8.count < 10_000, "round \(round): \(line)")
                let control = text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" }
                #expect(!control, "round \(round): \(line)")
            }
        }
    }
}
