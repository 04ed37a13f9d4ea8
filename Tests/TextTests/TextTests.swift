import HostileTexts
import Testing
import Text

struct TextTests {
    @Test(arguments: HostileTexts.all)
    func `a sign is found and replaced whatever mark is beside it`(text: String) {
        for sign in HostileTexts.signs where text.unicodeScalars.contains(sign) {
            let replaced = text.replacingScalars(String(sign), with: "--")
            #expect(!replaced.unicodeScalars.contains(sign))
            #expect(replaced.replacingScalars("--", with: String(sign)).isSame(as: text))
            #expect(text.parts(at: sign).count == 2)
            #expect(text.parts(at: sign).joined(separator: String(sign)).isSame(as: text))
        }
    }

    @Test(arguments: HostileTexts.all)
    func `nothing that steers a terminal is left of a text that is shown`(text: String) {
        #expect(!text.visible.unicodeScalars.contains { $0.isHidden })
        #expect(!text.visibleLines.unicodeScalars.contains { $0.isHidden && $0 != "\n" })
        #expect(!text.visibleJSON.unicodeScalars.contains { $0.isHidden && $0 != "\n" })
    }

    @Test func `what is hidden is written out`() {
        #expect(
            "a\u{1B}[2J\nb\u{9B}\u{202E}\u{2066}\u{2028}\u{7F}\r\t".visible
                == #"a\u{1b}[2J\nb\u{9b}\u{202e}\u{2066}\u{2028}\u{7f}\r\t"#
        )
        #expect("a\nb\u{1B}".visibleLines == "a\nb\\u{1b}")
        #expect("{\"a\":\"\u{9B}\u{2028}\"}\n".visibleJSON == "{\"a\":\"\\u009b\\u2028\"}\n")
        #expect("Müller 日本 👩‍👩‍👧 e\u{301}".visible.isSame(as: "Müller 日本 👩‍👩‍👧 e\u{301}"))
    }

    @Test(arguments: HostileTexts.twins)
    func `two texts that Swift takes for one are two`(one: String, other: String) {
        #expect(one == other)
        #expect(ExactText(one) != ExactText(other))
        #expect(Set([ExactText(one), ExactText(other), ExactText(one)]).count == 2)
    }

    @Test func `a part between two separators counts where it is asked for`() {
        #expect("a..b".parts(at: ".") == ["a", "b"])
        #expect("a..b.".parts(at: ".", keepingEmpty: true) == ["a", "", "b", ""])
        #expect("a.b.c".parts(at: ".", limit: 2) == ["a", "b.c"])
    }

    @Test func `no sign becomes one of ASCII by its case`() {
        #expect("\u{212A}ELVIN \u{17F} É".lowercasedASCII.isSame(as: "\u{212A}elvin \u{17F} É"))
        #expect("\u{17F}tra\u{DF}e".uppercasedASCII.isSame(as: "\u{17F}TRA\u{DF}E"))
    }

    @Test func `ends are compared byte by byte`() {
        #expect("a.p12".ends(with: ".p12"))
        #expect(!"p12".ends(with: ".p12"))
        #expect(!"a\u{301}".ends(with: "a"))
        #expect("\u{600}.x".ends(with: ".x"))
    }
}
