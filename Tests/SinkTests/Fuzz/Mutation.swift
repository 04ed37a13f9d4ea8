/// Numbers that a seed and a round make, so that any round can be run again by itself (SplitMix64).
struct FuzzRandom {
    private var state: UInt64

    init(seed: UInt64, round: Int) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: round) &* 0xD134_2543_DE82_EF95
    }

    mutating func next(below limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) >> 1) % limit
    }
}

/// Changes of a text: some leave JSON what it is, most do not.
enum Mutation {
    private static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", "\"", ",", ":", "\\", "\\u", "\\ud800", "\\u0000", "null", "true", "false",
            "0",
            "-", "1e5", "9223372036854775808", "-9223372036854775808", "2147483648", "32768", "00", ".5",
            "1.", "\"op\"",
            "\"schema\":null,", "\"payload\":", "\"__deleted\":\"true\",", "\"__deleted\":true,", "NaN", "/*",
            "\u{FEFF}",
            "\"Id\":1,", "\"note\":\"__debezium_unavailable_value\",",
        ].map { Array($0.utf8) } + [[0], [0x1F], [0x7F], [0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF]]

    static func apply(_ text: inout [UInt8], _ random: inout FuzzRandom) {
        guard !text.isEmpty else {
            text = pieces[random.next(below: pieces.count)]
            return
        }
        let place = random.next(below: text.count)
        switch random.next(below: 10) {
        case 0: text[place] = UInt8(random.next(below: 256))
        case 1: text.remove(at: place)
        case 2: text.insert(contentsOf: pieces[random.next(below: pieces.count)], at: place)
        case 3: text.removeSubrange(place...)
        case 4: text.insert(contentsOf: slice(text, &random), at: place)
        case 5: text.removeSubrange(place..<min(text.count, place + 1 + random.next(below: 12)))
        case 6:
            // White space where a token ends changes nothing.
            let space: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
            let ends = text.indices.filter { Array("{}[],:".utf8).contains(text[$0]) }
            text.insert(
                space[random.next(below: 4)],
                at: ends.isEmpty ? place : ends[random.next(below: ends.count)]
            )
        case 7:
            // An escape for a letter changes nothing, if it stands in a string.
            guard (0x61...0x7A).contains(text[place]) else { return }
            text.replaceSubrange(place...place, with: "\\u00\(String(text[place], radix: 16))".utf8)
        case 8:
            let digits = text.indices.filter { (0x30...0x39).contains(text[$0]) }
            guard !digits.isEmpty else { return }
            text[digits[random.next(below: digits.count)]] = UInt8(0x30 + random.next(below: 10))
        default:
            if (0x41...0x5A).contains(text[place] & 0xDF) { text[place] ^= 0x20 }
        }
    }

    private static func slice(_ text: [UInt8], _ random: inout FuzzRandom) -> ArraySlice<UInt8> {
        let start = random.next(below: text.count)
        return text[start..<min(text.count, start + 1 + random.next(below: 40))]
    }
}
