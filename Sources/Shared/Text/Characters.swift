import _StringProcessing

// What Swift offers on a text's `Character`s, made a mistake that the compiler names.
//
// A `Character` is what a reader sees: `"` with a combining mark on it is another one than `"`, and `é` is one
// whether it is one scalar or two. SQL, JSON, paths, terminals and Kafka look at bytes. So whoever looks for a
// sign, a beginning or an end in a text takes `utf8` or `unicodeScalars`, or what the other files here offer.
//
// The compiler prefers these to the library's own, because they stand for texts alone; and it knows the types,
// so that `contains` of an array is what it was. Package.swift has every module of Sources import this one, in
// every file; `.ci/texts` shows that it does. Nothing here is ever called.

private let reason: StaticString = "it looks at Characters"

private func refused() -> Never { preconditionFailure("\(reason)") }

extension StringProtocol {
    @available(*, deprecated, message: "it compares Characters: text.begins(with:)")
    public func hasPrefix(_ prefix: some StringProtocol) -> Bool { refused() }

    @available(*, deprecated, message: "it compares Characters: text.ends(with:)")
    public func hasSuffix(_ suffix: some StringProtocol) -> Bool { refused() }

    @available(*, deprecated, message: "it compares Characters: text.begins(with:)")
    public func starts(with prefix: some Sequence<Character>) -> Bool { refused() }

    @available(*, deprecated, message: "it compares Characters: text.unicodeScalars.contains(…)")
    public func contains(_ element: Character) -> Bool { refused() }

    @available(*, deprecated, message: "it compares Characters: text.utf8.contains(\"…\".utf8)")
    public func contains(_ other: some StringProtocol) -> Bool { refused() }

    @available(*, deprecated, message: "it looks at Characters: text.unicodeScalars.contains { … }")
    public func contains(where predicate: (Character) throws -> Bool) rethrows -> Bool { refused() }

    @available(
        *,
        deprecated,
        message: "it looks at Characters: a Regex with matchingSemantics(.unicodeScalar)"
    )
    public func contains(_ regex: some RegexComponent) -> Bool { refused() }

    @available(*, deprecated, message: "it looks at Characters: text.unicodeScalars.allSatisfy { … }")
    public func allSatisfy(_ predicate: (Character) throws -> Bool) rethrows -> Bool { refused() }

    @available(*, deprecated, message: "it compares Characters: text.parts(at:)")
    public func split(
        separator: Character,
        maxSplits: Int = .max,
        omittingEmptySubsequences: Bool = true
    ) -> [SubSequence] { refused() }

    @available(*, deprecated, message: "it compares Characters: text.parts(at:)")
    public func split(
        separator: some StringProtocol,
        maxSplits: Int = .max,
        omittingEmptySubsequences: Bool = true
    ) -> [SubSequence] { refused() }

    @available(*, deprecated, message: "it looks at Characters: text.parts(at:)")
    public func split(
        separator: some RegexComponent,
        maxSplits: Int = .max,
        omittingEmptySubsequences: Bool = true
    ) -> [SubSequence] { refused() }

    @available(*, deprecated, message: "it looks at Characters: text.unicodeScalars.split { … }")
    public func split(
        maxSplits: Int = .max,
        omittingEmptySubsequences: Bool = true,
        whereSeparator: (Character) throws -> Bool
    ) rethrows -> [SubSequence] { refused() }

    @available(*, deprecated, message: "it compares Characters: text.replacingScalars(_:with:)")
    public func replacing(
        _ other: some Collection<Character>,
        with replacement: some Collection<Character>,
        maxReplacements: Int = .max
    ) -> Self { refused() }

    @available(
        *,
        deprecated,
        message: "it looks at Characters: a Regex with matchingSemantics(.unicodeScalar)"
    )
    public func replacing(
        _ regex: some RegexComponent,
        with replacement: some Collection<Character>,
        maxReplacements: Int = .max
    ) -> Self { refused() }

    @available(*, deprecated, message: "it looks at Characters: the Regex's own functions")
    public func firstMatch<Output>(of regex: some RegexComponent<Output>) -> Regex<Output>.Match? {
        refused()
    }

    @available(*, deprecated, message: "it looks at Characters: the Regex's own functions")
    public func wholeMatch<Output>(of regex: some RegexComponent<Output>) -> Regex<Output>.Match? {
        refused()
    }

    @available(*, deprecated, message: "it looks at Characters: the Regex's own functions")
    public func prefixMatch<Output>(of regex: some RegexComponent<Output>) -> Regex<Output>.Match? {
        refused()
    }

    @available(*, deprecated, message: "it compares Characters: text.range(ofBytes:)")
    public func firstRange(of other: some Collection<Character>) -> Range<Index>? { refused() }

    @available(*, deprecated, message: "it compares Characters: text.range(ofBytes:)")
    public func ranges(of other: some Collection<Character>) -> [Range<Index>] { refused() }

    @available(*, deprecated, message: "it compares Characters: text.unicodeScalars.trimmingPrefix(…)")
    public func trimmingPrefix(_ prefix: some Sequence<Character>) -> SubSequence { refused() }

    @available(*, deprecated, message: "it looks at Characters: text.unicodeScalars.trimmingPrefix { … }")
    public func trimmingPrefix(
        while predicate: (Character) throws -> Bool
    ) rethrows -> SubSequence { refused() }

    @available(*, deprecated, message: "it compares Characters: text.unicodeScalars.firstIndex(of:)")
    public func firstIndex(of element: Character) -> Index? { refused() }

    @available(*, deprecated, message: "it compares Characters: text.unicodeScalars.lastIndex(of:)")
    public func lastIndex(of element: Character) -> Index? { refused() }

    @available(*, deprecated, message: "it looks at Characters: text.unicodeScalars.firstIndex { … }")
    public func firstIndex(where predicate: (Character) throws -> Bool) rethrows -> Index? { refused() }

    @available(*, deprecated, message: "it looks at Characters: text.unicodeScalars.lastIndex { … }")
    public func lastIndex(where predicate: (Character) throws -> Bool) rethrows -> Index? { refused() }

    @available(*, deprecated, message: "it is a Character: text.unicodeScalars.first")
    public var first: Character? { refused() }

    @available(*, deprecated, message: "it is a Character: text.unicodeScalars.last")
    public var last: Character? { refused() }

    @available(*, deprecated, message: "it looks at Characters: text.unicodeScalars.first { … }")
    public func first(where predicate: (Character) throws -> Bool) rethrows -> Character? { refused() }

    @available(*, deprecated, message: "it counts Characters: text.utf8.count, or text.width on a screen")
    public var count: Int { refused() }

    @available(
        *,
        deprecated,
        message: "it counts Characters: text.utf8.prefix, or text.cut(toWidth:) on a screen"
    )
    public func prefix(_ length: Int) -> SubSequence { refused() }

    @available(*, deprecated, message: "it counts Characters: text.utf8.suffix(…)")
    public func suffix(_ length: Int) -> SubSequence { refused() }

    @available(*, deprecated, message: "it looks at Characters: text.unicodeScalars.prefix { … }")
    public func prefix(while predicate: (Character) throws -> Bool) rethrows -> SubSequence { refused() }

    @available(*, deprecated, message: "it counts Characters: text.without(prefix:), text.utf8.dropFirst")
    public func dropFirst(_ count: Int = 1) -> SubSequence { refused() }

    @available(*, deprecated, message: "it counts Characters: text.utf8.dropLast(…)")
    public func dropLast(_ count: Int = 1) -> SubSequence { refused() }

    @available(*, deprecated, message: "it looks at Characters: text.unicodeScalars.drop { … }")
    public func drop(while predicate: (Character) throws -> Bool) rethrows -> SubSequence { refused() }

    @available(*, deprecated, message: "it goes by Characters: text.unicodeScalars.map { … }")
    public func map<T, Failure: Error>(
        _ transform: (Character) throws(Failure) -> T
    ) throws(Failure) -> [T] { refused() }

    @available(*, deprecated, message: "it goes by Characters: text.unicodeScalars.reversed()")
    public func reversed() -> [Character] { refused() }

    @available(
        *,
        deprecated,
        message: "it makes ASCII of other letters, such as the Kelvin sign: text.lowercasedASCII"
    )
    public func lowercased() -> String { refused() }

    @available(
        *,
        deprecated,
        message: "it makes ASCII of other letters, such as U+017F: text.uppercasedASCII"
    )
    public func uppercased() -> String { refused() }
}

extension String {
    @available(*, deprecated, message: "it compares Characters: text.begins(with:)")
    public func hasPrefix(_ prefix: String) -> Bool { refused() }

    @available(*, deprecated, message: "it compares Characters: text.ends(with:)")
    public func hasSuffix(_ suffix: String) -> Bool { refused() }

    @available(*, deprecated, message: "it counts Characters: text.utf8.count, or text.width on a screen")
    public var count: Int { refused() }

    @available(*, deprecated, message: "it goes by Characters: text.unicodeScalars.filter { … }")
    public func filter(_ isIncluded: (Character) throws -> Bool) rethrows -> String { refused() }

    @available(
        *,
        deprecated,
        message: "it makes ASCII of other letters, such as the Kelvin sign: text.lowercasedASCII"
    )
    public func lowercased() -> String { refused() }

    @available(
        *,
        deprecated,
        message: "it makes ASCII of other letters, such as U+017F: text.uppercasedASCII"
    )
    public func uppercased() -> String { refused() }
}

extension Substring {
    @available(*, deprecated, message: "it makes ASCII of other letters: text.lowercasedASCII")
    public func lowercased() -> String { refused() }

    @available(*, deprecated, message: "it makes ASCII of other letters: text.uppercasedASCII")
    public func uppercased() -> String { refused() }
}

/// A loop over a text can't be refused; most of what it would do with a `Character` is, but a comparison with one that
/// stands there as a literal.
extension Character {
    @available(*, deprecated, message: "it compares Characters: compare scalars or bytes")
    public static func == (left: Character, right: Character) -> Bool { refused() }

    @available(*, deprecated, message: "it compares Characters: compare scalars or bytes")
    public static func != (left: Character, right: Character) -> Bool { refused() }

    @available(*, deprecated, message: "it compares Characters: switch over scalars or bytes")
    public static func ~= (pattern: Character, value: Character) -> Bool { refused() }

    @available(*, deprecated, message: "it looks at a Character: ask a scalar's properties")
    public var isWhitespace: Bool { refused() }

    @available(*, deprecated, message: "it looks at a Character: ask a scalar's properties")
    public var isNewline: Bool { refused() }

    @available(*, deprecated, message: "it looks at a Character: ask a scalar's properties")
    public var isNumber: Bool { refused() }

    @available(*, deprecated, message: "it looks at a Character: ask a scalar's properties")
    public var isLetter: Bool { refused() }
}
