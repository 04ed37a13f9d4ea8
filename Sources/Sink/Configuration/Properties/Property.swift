/// Why a property's value is not taken: the text goes after its name.
struct PropertyRefusal: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// A property that is read: its names, what it may hold, what holds without it, and what is said of it.
///
/// Reader, catalog, reference and the answers to misspelled names all come from it.
struct Property<Value: Sendable>: Sendable {
    let entry: PropertyEntry
    /// What holds without it.
    let fallback: Value
    /// Why a file without it is refused; `nil` where it may be left out.
    let missing: String?
    private let parsing: @Sendable (String) throws(PropertyRefusal) -> Value

    /// - Parameters:
    ///   - shown: what holds without it, as the reference writes it.
    ///   - meaning: what the reference says of it.
    ///   - peers: how the peers differ.
    ///   - missing: why a file without it is refused; `nil` where it may be left out.
    init(
        _ names: [String],
        _ values: PropertyEntry.Values,
        default fallback: Value,
        shown: String = "",
        means meaning: String,
        peers: String = "",
        missing: String? = nil,
        parsing: @escaping @Sendable (String) throws(PropertyRefusal) -> Value
    ) {
        let meaning = PropertyEntry.Meaning(values: values, fallback: shown, meaning: meaning, peers: peers)
        entry = PropertyEntry(names, .supported(meaning))
        (self.fallback, self.missing, self.parsing) = (fallback, missing, parsing)
    }

    var name: String { entry.name }

    /// What the values of a file's property mean.
    func parse(_ value: String) throws(PropertyRefusal) -> Value { try parsing(value) }
}

extension Property<Bool> {
    static func flag(
        _ names: String...,
        default fallback: Bool,
        means meaning: String,
        peers: String = ""
    ) -> Property {
        Property(
            names,
            .words(["true", "false"]),
            default: fallback,
            shown: "\(fallback)",
            means: meaning,
            peers: peers
        ) { value throws(PropertyRefusal) in try chosen(value, from: [("true", true), ("false", false)]) }
    }
}

extension Property<Bool?> {
    /// A flag whose absence is not the same as either word.
    static func flag(
        _ names: String...,
        yes: String = "true",
        no: String = "false",
        shown: String = "",
        means meaning: String,
        peers: String = ""
    ) -> Property {
        Property(
            names,
            .words([yes, no]),
            default: nil,
            shown: shown,
            means: meaning,
            peers: peers
        ) { value throws(PropertyRefusal) in try chosen(value, from: [(yes, true), (no, false)]) }
    }
}

extension Property<Int> {
    static func number(
        _ names: String...,
        in range: ClosedRange<Int>,
        default fallback: Int,
        means meaning: String,
        peers: String = ""
    ) -> Property {
        Property(
            names,
            .text("\(range.lowerBound) to \(range.upperBound)"),
            default: fallback,
            shown: "\(fallback)",
            means: meaning,
            peers: peers
        ) { value throws(PropertyRefusal) in
            if let number = Int(value.trimmed), range.contains(number) { return number }
            throw PropertyRefusal("must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
    }
}

extension Property where Value: RawRepresentable<String> & CaseIterable {
    /// One word of a fixed set, in any case; another one is a problem, never the default.
    ///
    /// - Parameter others: what the peers call some of them.
    static func choice(
        _ names: String...,
        default fallback: Value,
        others: [String: Value] = [:],
        means meaning: String,
        peers: String = ""
    ) -> Property {
        Property(
            names,
            .words(Value.allCases.map(\.rawValue)),
            default: fallback,
            shown: fallback.rawValue,
            means: meaning,
            peers: peers
        ) { value throws(PropertyRefusal) in
            if let known = others[value.trimmed.lowercasedASCII] { return known }
            return try chosen(value, from: Value.allCases.map { ($0.rawValue, $0) })
        }
    }
}

extension Property {
    /// One word of a fixed set, whose absence is not the same as any of them.
    static func choice<Word: RawRepresentable<String> & CaseIterable & Sendable>(
        _ names: String...,
        of words: Word.Type,
        shown: String = "",
        means meaning: String,
        peers: String = ""
    ) -> Property where Value == Word? {
        Property(
            names,
            .words(words.allCases.map(\.rawValue)),
            default: nil,
            shown: shown,
            means: meaning,
            peers: peers
        ) { value throws(PropertyRefusal) in try chosen(value, from: words.allCases.map { ($0.rawValue, $0) })
        }
    }
}

extension Property<String?> {
    static func text(
        _ names: String...,
        values: String,
        means meaning: String,
        peers: String = ""
    ) -> Property {
        Property(names, .text(values), default: nil, means: meaning, peers: peers) {
            value throws(PropertyRefusal) in
            value
        }
    }

    /// One of these words, in any case.
    static func word(
        _ names: String...,
        among words: [String],
        shown: String = "",
        because reason: String? = nil,
        means meaning: String,
        peers: String = ""
    ) -> Property {
        Property(
            names,
            .words(words),
            default: nil,
            shown: shown,
            means: meaning,
            peers: peers
        ) { value throws(PropertyRefusal) in
            guard words.contains(where: { $0.lowercasedASCII == value.trimmed.lowercasedASCII }) else {
                throw PropertyRefusal(mustBe(words) + (reason.map { "; \($0)" } ?? ""))
            }
            return value
        }
    }
}

extension Property<String> {
    /// - Parameter fault: why a value is not taken, `nil` where it is.
    static func text(
        _ names: String...,
        values: String,
        default fallback: String,
        means meaning: String,
        peers: String = "",
        fault: @escaping @Sendable (String) -> String? = { _ in nil }
    ) -> Property {
        Property(
            names,
            .text(values),
            default: fallback,
            shown: fallback,
            means: meaning,
            peers: peers
        ) { value throws(PropertyRefusal) in
            if let reason = fault(value) { throw PropertyRefusal(reason) }
            return value
        }
    }

    /// A text without which a file is refused.
    ///
    /// - Parameter hint: what it could be.
    static func required(
        _ names: String...,
        values: String,
        hint: String,
        means meaning: String,
        peers: String = ""
    ) -> Property {
        Property(
            names,
            .text(values),
            default: "",
            means: meaning,
            peers: peers,
            missing: "is missing: \(hint)"
        ) { value throws(PropertyRefusal) in value.trimmed }
    }
}

extension Property<[String]> {
    /// Names with commas between them.
    static func list(
        _ names: String...,
        values: String,
        means meaning: String,
        peers: String = ""
    ) -> Property {
        Property(
            names,
            .text(values),
            default: [],
            means: meaning,
            peers: peers
        ) { value throws(PropertyRefusal) in
            value.parts(at: ",").map(\.trimmed).filter { !$0.isEmpty }
        }
    }
}

extension Property<[String: String]> {
    /// All properties whose names begin with a prefix: the name is `prefix.*`.
    static func options(_ name: String, values: String = "", means meaning: String) -> Property {
        Property([name], .text(values), default: [:], means: meaning) { _ throws(PropertyRefusal) in [:] }
    }

    /// What the names begin with.
    var prefix: String { String(decoding: name.utf8.dropLast(), as: UTF8.self) }
}

/// What one word of a set means, in any case.
private func chosen<Word>(_ value: String, from words: [(String, Word)]) throws(PropertyRefusal) -> Word {
    let given = value.trimmed.lowercasedASCII
    if let known = words.first(where: { $0.0.isSame(as: given) }) { return known.1 }
    throw PropertyRefusal(mustBe(words.map(\.0)))
}

/// What is said of a value that is none of these words.
private func mustBe(_ words: [String]) -> String {
    switch words.count {
    case 1, 2: "must be \(words.joined(separator: " or "))"
    default: "must be one of \(words.joined(separator: ", "))"
    }
}
