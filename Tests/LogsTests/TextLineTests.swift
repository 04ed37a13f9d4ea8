import Testing

@testable import Logs

struct TextLineTests {
    private func text(_ entry: LogEntry, _ form: LogForm = .text) -> String {
        String(decoding: entry.line(form), as: UTF8.self)
    }

    @Test func `time, level, label and message stand before the sorted metadata`() {
        let list = (0..<12).map { "source.public.t/\($0)@\($0 * 1_000)" }.joined(separator: " ")
        let entry = LogEntry.sample("partitions assigned", ["offsets": "\(list)", "lane": "0", "b": ""])
        #expect(
            text(entry) == """
                1970-01-01T00:00:00.000Z info [sink] partitions assigned b="" lane=0 offsets="\(list)"

                """
        )
    }

    @Test(arguments: [
        ("plain/é:1,2", "plain/é:1,2"), ("", #""""#), ("two words", #""two words""#), ("a=b", #""a=b""#),
        (#"say "x""#, #""say \"x\"""#), (#"back\slash"#, #""back\\slash""#), ("tab\there", #""tab\there""#),
        ("line\nend\r", #""line\nend\r""#), ("nul\0", #""nul\u{0}""#), ("\u{1B}[31m", #""\u{1b}[31m""#),
        ("\u{9B}", #""\u{9b}""#), ("\u{7F}", #""\u{7f}""#), ("\u{2028}", #""\u{2028}""#),
        ("\u{202E}", #""\u{202e}""#), ("\u{2066}", #""\u{2066}""#), ("a\u{A0}b", "\"a\u{A0}b\""),
        ("x\u{0301}", "x\u{0301}"), ("\"\u{0301}", "\"\\\"\u{0301}\""), ("\u{0600}\n", "\"\u{0600}\\n\""),
    ])
    func `values and keys are quoted where their end could not be told`(value: String, expected: String) {
        let prefix = "1970-01-01T00:00:00.000Z info [sink] m "
        let line = text(.sample("m", ["k": .init(stringLiteral: value)]))
        #expect(Array(line.utf8) == Array("\(prefix)k=\(expected)\n".utf8))
        let turned = text(.sample("m", [value: "v"]))
        #expect(Array(turned.utf8) == Array("\(prefix)\(expected)=v\n".utf8))
    }

    @Test(arguments: Hostile.texts)
    func `hostile text ends no line and no value`(text: String) throws {
        let value = Logger.MetadataValue(stringLiteral: text)
        let line = LogEntry.sample(text, ["k": value, text: "v", "z": "last"]).line(.text)
        let scalars = String(decoding: line.dropLast(), as: UTF8.self).unicodeScalars
        for scalar in scalars {
            #expect(scalar.properties.generalCategory != .control)
            #expect(![0x2028, 0x2029, 0x202E, 0x2066, 0x2069].contains(scalar.value))
        }
        // The quotes pair up: what stands between values is outside of all.
        var (isInside, isEscaped) = (false, false)
        for byte in LogEntry.sample("", ["k": value, "z": "last"]).line(.text) {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isInside: isEscaped = true
            case UInt8(ascii: "\""): isInside.toggle()
            default: break
            }
        }
        #expect(!isInside)
    }

    @Test(arguments: zip(Logger.Level.allCases, [7, 7, 6, 5, 4, 3, 2]))
    func `the journal gets the priority instead of the time`(level: Logger.Level, priority: Int) {
        #expect(
            text(.sample("started", ["a": "b"], level: level), .journal)
                == "<\(priority)>\(level) [sink] started a=b\n"
        )
    }

    @Test func `only the level is coloured`() {
        #expect(
            text(.sample("m", level: .error), .colouredText)
                == "1970-01-01T00:00:00.000Z \u{1B}[31merror\u{1B}[0m [sink] m\n"
        )
    }

    @Test(arguments: Hostile.texts)
    func `a line is never above its limit`(text: String) {
        let long = String(repeating: text + "x", count: 100_000 / (text.utf8.count + 1))
        for entry in [
            LogEntry.sample(long), .sample("m", ["a": .init(stringLiteral: long), "b": "lost"]),
            .sample("m", [long: "lost"]),
        ] {
            let line = entry.line(.text)
            #expect(line.count > 48_000 && line.count <= LogLine.limit)
            #expect(line.count { $0 == 0x0A } == 1)
            #expect(String(validating: line, as: UTF8.self) != nil)
            // In bytes: characters would grow together with what is before them.
            let tail = Array(line.suffix(40))
            #expect(tail.firstRange(of: Array("…[cut]".utf8)) != nil)
            #expect(tail.firstRange(of: Array("lost".utf8)) == nil)
        }
    }

    @Test func `a value of a megabyte is cut and hides no message`() {
        let line = LogEntry.sample("too long", ["a": "\(String(repeating: "é ", count: 500_000))"]).line(
            .text
        )
        #expect(line.count <= LogLine.limit)
        #expect(line.starts(with: "1970-01-01T00:00:00.000Z info [sink] too long a=\"é é ".utf8))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (951_868_799_999, "2000-02-29T23:59:59.999Z"), (951_868_800_000, "2000-03-01T00:00:00.000Z"),
        (1_798_761_599_007, "2026-12-31T23:59:59.007Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-5, "1970-01-01T00:00:00.000Z"),
    ])
    func `times are ISO 8601 in UTC`(milliseconds: Int, text: String) {
        #expect(UTCTime(milliseconds: milliseconds).description == text)
    }

    @Test func `the journal is known by its device and inode`() {
        #expect(LogForm.isJournal("9:8123", device: 9, inode: 8_123))
        #expect(!LogForm.isJournal("9:8124", device: 9, inode: 8_123))
        #expect(!LogForm.isJournal("", device: 0, inode: 0))
        #expect(!LogForm.isJournal(nil, device: 0, inode: 0))
    }
}
