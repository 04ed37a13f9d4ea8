import Testing

@testable import Files

struct PropertiesTextTests {
    @Test(
        arguments: [
            ("a=b", ["a": "b"]), ("a:b", ["a": "b"]), ("a b", ["a": "b"]), ("a", ["a": ""]),
            ("  a \t= \u{0C}b ", ["a": "b "]), ("a = = b", ["a": "= b"]), ("a==b", ["a": "=b"]),
            ("# c\n ! d\n\n a=b", ["a": "b"]), ("a=b\\\n   c", ["a": "bc"]), ("a=b\\\n#c", ["a": "b#c"]),
            ("a=b\\\\\nc=d", ["a": "b\\", "c": "d"]), ("a=b\\", ["a": "b"]), ("a=b\\\n", ["a": "b"]),
            ("# c\\\na=b", ["a": "b"]), ("a\\ b\\=c\\:=d", ["a b=c:": "d"]),
            ("a=\\t\\n\\r\\f\\q\\\"", ["a": "\t\n\r\u{0C}q\""]), ("a=\\u00e4\\u20AC", ["a": "ä€"]),
            ("a=\\ud83d\\ude00", ["a": "😀"]), ("ä=ö", ["ä": "ö"]),
            ("a=1\r\nb=2\rc=3", ["a": "1", "b": "2", "c": "3"]),
            ("", [:]), ("=b", ["": "b"]), ("a=b # c", ["a": "b # c"]),
        ]
    )
    func `a text is what Java reads`(text: String, values: [String: String]) throws {
        #expect(try PropertiesText(text).values == values)
    }

    @Test(arguments: [
        ("a=\\u12", 1), ("b=1\na=\\uxyzw", 2), ("a=\\ud83d", 1), ("a=\\u+123", 1), ("a=1\na=1", 2),
    ])
    func `a broken escape and a key given twice are refused with the line`(text: String, line: Int) {
        let failure = #expect(throws: PropertiesText.Failure.self) { try PropertiesText(text) }
        #expect(failure?.line == line)
    }
}
