import HostileTexts
import Postgres
import Testing

/// Reads what stands in quotes as PostgreSQL's scanner does (scan.l): byte by byte.
///
/// - Returns: the text and what follows its end.
private func read(_ sql: String, _ mark: UInt8, escapes: Bool = false) -> (text: String, rest: String) {
    let bytes = Array(sql.utf8)
    #expect(bytes.first == mark)
    var text: [UInt8] = []
    var at = 1
    while at < bytes.count {
        let next = at + 1 < bytes.count ? bytes[at + 1] : nil
        if bytes[at] == mark, next != mark { break }
        let isEscape = escapes && bytes[at] == UInt8(ascii: "\\")
        if bytes[at] == mark || isEscape { at += 1 }
        switch (isEscape, bytes[at]) {
        case (true, UInt8(ascii: "n")): text.append(0x0A)
        case (true, UInt8(ascii: "u")):
            let digits = String(decoding: bytes[(at + 1)...(at + 4)], as: UTF8.self)
            let scalar = UInt32(digits, radix: 16).flatMap { Unicode.Scalar($0) }
            text.append(contentsOf: scalar.map { Array(String($0).utf8) } ?? [])
            at += 4
        default: text.append(bytes[at])
        }
        at += 1
    }
    return (String(decoding: text, as: UTF8.self), String(decoding: bytes[(at + 1)...], as: UTF8.self))
}

private func sameBytes(_ one: String, _ other: String) -> Bool { one.utf8.elementsEqual(other.utf8) }

private func refusal(_ body: () throws(UnquotableText) -> Void) -> String? {
    do throws(UnquotableText) {
        try body()
        return nil
    } catch {
        return error.reason
    }
}

struct QuotingTests {
    @Test(arguments: HostileTexts.all + ["", "\"", "\"\"", "a\"b", "x"])
    func `a quoted name is read back byte by byte, and nothing is left of it`(name: String) {
        let found = read(quotedIdentifier(name), UInt8(ascii: "\""))
        #expect(sameBytes(found.text, name))
        #expect(found.rest.isEmpty)
    }

    @Test func `a name in a script is the same name, without what steers a terminal`() {
        #expect(printedIdentifier("a\"b") == #""a""b""#)
        #expect(printedIdentifier("a\u{1B}\\\"\nb") == #"U&"a\001b\\""\000ab""#)
        #expect(printedIdentifier("\u{202E}a") == #"U&"\202ea""#)
    }

    @Test(arguments: HostileTexts.all + ["", "'", "\\", "\\'", "'\\", "\\\\"])
    func `a quoted literal is read back byte by byte, whatever the server makes of a backslash`(
        text: String
    ) throws {
        let literal = try quotedLiteral(text)
        let isEscaped = literal.utf8.first == UInt8(ascii: "E")
        #expect(
            isEscaped == text.unicodeScalars.contains { $0 == "\\" || $0.value < 0x20 || $0.value == 0x202E }
        )
        #expect(!literal.unicodeScalars.contains { $0.value < 0x20 })
        let found = read(
            isEscaped ? String(literal.dropFirst()) : literal,
            UInt8(ascii: "'"),
            escapes: isEscaped
        )
        #expect(sameBytes(found.text, text))
        #expect(found.rest.isEmpty)
    }

    @Test func `a name that PostgreSQL can't have is refused by name, with the way out`() {
        #expect(refusal { () throws(UnquotableText) in try checkIdentifier("") }?.contains("empty") == true)
        #expect(refusal { () throws(UnquotableText) in try checkIdentifier("a\0b") }?.contains("NUL") == true)
        let name = String(repeating: "\u{E9}", count: 32)
        #expect(
            refusal { () throws(UnquotableText) in try checkIdentifier(name) }?
                .contains("the name \(name) has 64 bytes") == true
        )
        #expect(
            refusal { () throws(UnquotableText) in
                try checkIdentifier(String(repeating: "a", count: longestIdentifier))
            } == nil
        )
    }

    @Test func `a literal with a NUL is refused`() {
        #expect(throws: UnquotableText.self) { try quotedLiteral("a\0b") }
    }

    @Test func `a path is cut at each dot, whatever mark is beside it`() throws {
        #expect(try quotedPath("public.t") == #""public"."t""#)
        for mark in HostileTexts.marks {
            let path = try quotedPath("a\(mark).\(mark)b")
            #expect(sameBytes(path, "\"a\(mark)\".\"\(mark)b\""))
        }
    }

    @Test(arguments: ["", ".", "a.", ".a", "a..b", "a.b\0", String(repeating: "a", count: 64) + ".b"])
    func `a path with a part that can't be a name is refused`(path: String) {
        #expect(throws: UnquotableText.self) { try quotedPath(path) }
    }
}
