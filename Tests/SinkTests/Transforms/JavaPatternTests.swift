import Testing

@testable import Sink

struct JavaPatternTests {
    @Test(
        arguments: [
            ("a|ab", "ab", true), ("a(?!b)", "ab", false), ("(a+)+", "aaaa", true), ("a{2,3}", "aaaa", false),
            ("[^.]+", "a.b", false), ("[a-c[x-z]]+", "axz", true), ("[]a]+", "]a", true),
            ("[a-]+", "a-", true), ("[a-z&&[^s]]+", "hop", true), ("[a-z&&[^s]]+", "shop", false),
            ("[a-z&&b-y&&[^c]]+", "bd", true), ("[a-z&&b-y&&[^c]]+", "c", false), ("[^a-z&&b]", "a", true),
            ("[^a-z&&b]", "b", false),
            ("(?i:ab)c", "ABc", true), ("(?i:ab)c", "ABC", false), ("\\d+\\D", "12x", true),
            ("\\bx\\b", "x", true),
            (".", "\n", false), ("(?s).", "\n", true), ("a$", "a\n", false), ("(a*)*b", "aaab", true),
            ("(a*)*", "", true), ("(?:)*", "", true), ("\\u00fc", "ü", true), ("\\x41", "A", true),
            (".", "𝄞", true),
            ("(?<n>a)\\k<n>", "aa", true), ("(a)|b\\1", "b", false), ("a?+a", "a", false),
            ("(?>a|ab)c", "abc", false),
            ("\\Qa.b\\E", "a.b", true), ("\\Qa.b\\E", "axb", false), ("\\.", ".", true), ("a\\Z", "a", true),
        ]
    )
    func `a whole text matches as it does in Java`(pattern: String, text: String, matches: Bool) throws {
        #expect(try JavaPattern(pattern).matches(text) == matches)
    }

    @Test(
        arguments: [
            "(", ")", "[", "a**+?", "*", "a{", "a{2,1}", "a{1001}", "(?<=a)b", "(?<!a)b", "[a&&]", "[&&a]",
            "\\p{IsGreek}", "(?x)a",
            "\\", "\\1", "(?<1>a)", "(?<a>a)(?<a>b)", "\\k<x>", "\\R", "\\u12", "[b-a]",
            "((a{1000}){1000}){1000}",
            String(repeating: "(", count: 100) + String(repeating: ")", count: 100),
        ]
    )
    func `what Java does not take, or is not known here, is refused`(pattern: String) {
        #expect(throws: JavaPattern.Failure.self) { try JavaPattern(pattern) }
    }

    @Test(arguments: [
        "(a+)+b", "(a|aa)+b", "(.*)(.*)(.*)(.*)(.*)(.*)b", "(a*)*b", "(?:(?:a?){50}){50}b", "((a|b|ab)*)*c",
    ])
    func `a match that would take hours gives up`(pattern: String) throws {
        let pattern = try JavaPattern(pattern)
        let text = String(repeating: "a", count: 249)
        #expect(throws: JavaPattern.Exhausted.self) { try pattern.matches(text) }
    }

    @Test(
        arguments: [
            ("a|ab", "<$0>", "ab", "<a>b"), ("(.*)-(?<n>\\d+)", "${n}.$1", "x-7", "7.x"),
            ("(a)(b)?", "$2-$1", "a", "-a"),
            ("(a)", "$12", "a", "a2"), ("a", "\\$1\\\\", "a", "$1\\"), (".*", "t", "abc", "t"),
        ]
    )
    func `the first place that matches is replaced`(
        pattern: String,
        replacement: String,
        text: String,
        expected: String
    ) throws {
        let pattern = try JavaPattern(pattern)
        #expect(try JavaReplacement(replacement, for: pattern).replacingFirst(pattern, in: text) == expected)
    }

    @Test(arguments: ["$", "$x", "${", "${no}", "$2", "\\"])
    func `a replacement for a group that is not there is refused`(replacement: String) throws {
        let pattern = try JavaPattern("(a)")
        #expect(throws: JavaPattern.Failure.self) { try JavaReplacement(replacement, for: pattern) }
    }
}
