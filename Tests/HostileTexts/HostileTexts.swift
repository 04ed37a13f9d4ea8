/// Texts that end a quotation, a name or a line for whoever reads bytes, and do not for who reads `Character`s.
///
/// A prepended mark, a combining mark and a joiner make one `Character` with the sign beside them; U+FFFD is what
/// stands for a lone surrogate.
public enum HostileTexts {
    /// What Unicode attaches to the scalar after or before it, and what replaces half a surrogate pair.
    public static let marks: [Unicode.Scalar] = ["\u{600}", "\u{301}", "\u{200D}", "\u{FFFD}"]

    /// What ends something in SQL, a path, JSON, HTML, a log or on a terminal.
    public static let signs: [Unicode.Scalar] = ["\"", "'", ".", "\\", "/", "<", "&", "\n", "\u{1B}"]

    /// Each sign with each mark before it, after it and on both sides.
    public static let all: [String] = signs.flatMap { sign in
        marks.flatMap { mark in
            ["a\(mark)\(sign)b", "a\(sign)\(mark)b", "a\(mark)\(sign)\(mark)b"]
        }
    }

    /// Those with this sign.
    public static func with(_ sign: Unicode.Scalar) -> [String] {
        all.filter { $0.unicodeScalars.contains(sign) }
    }

    /// Pairs that Swift takes for one text, and PostgreSQL for two.
    public static let twins: [(String, String)] = [
        ("caf\u{E9}", "cafe\u{301}"), ("\u{212A}ey", "Key"), ("\u{AC00}", "\u{1100}\u{1161}"),
    ]
}
