import Synchronization

/// A declaration, and the value that was parsed for it.
///
/// An object, so that a command is as many words as it has properties: as values, declarations made the code that
/// copies and destroys commands a quarter of the reader's program. A command is parsed once, before anything reads it.
final class Declared<Value: Sendable>: Sendable {
    let declaration: Declaration
    private let convert: @Sendable ([String]) throws(InvalidValue) -> Value
    private let content: Mutex<Value?>

    init(
        _ declaration: Declaration,
        _ value: Value?,
        convert: @escaping @Sendable ([String]) throws(InvalidValue) -> Value
    ) {
        (self.declaration, self.convert) = (declaration, convert)
        content = Mutex(value)
    }

    var value: Value {
        guard let value = content.withLock({ $0 }) else {
            preconditionFailure("a required value is read after parsing only")
        }
        return value
    }

    func take(_ texts: [String]) throws(InvalidValue) {
        let value = try convert(texts)
        content.withLock { $0 = value }
    }
}

/// A property of a command that takes something of the command line.
protocol Member {
    var declaration: Declaration { get }

    /// Takes what was given, the texts of all its occurrences in order.
    func take(_ texts: [String]) throws(InvalidValue)
}

/// An option with a value: `--name value` or `--name=value`.
///
/// ```swift
/// @Option(help: "How many rows.", valid: .range(1...100)) var rows = 10
/// @Option(environment: "DATABASE_URL", help: "Which database.", valueName: "url") var source: String?
/// @Option(help: "A name to allow; may be repeated.") var allow: [String] = []
/// ```
///
/// The name is the property's, in lower case with dashes between words. A property of an optional type may be left
/// out; one without a default must be given; one that is an array may be repeated. One with an empty help is not
/// shown. Shells complete a value whose name is `file` with files.
@propertyWrapper public struct Option<Value: Sendable>: Member, Sendable {
    private let declared: Declared<Value>

    public var wrappedValue: Value { declared.value }

    var declaration: Declaration { declared.declaration }

    func take(_ texts: [String]) throws(InvalidValue) {
        try declared.take(texts)
    }

    private init<Element: OptionValue>(
        _ element: Element.Type,
        start: Value?,
        words: Words<Element>,
        isRequired: Bool = false,
        isRepeated: Bool = false,
        defaultText: String?,
        make: @escaping @Sendable ([Element]) -> Value?
    ) {
        let declaration = Declaration(
            kind: .option,
            name: "",
            help: words.help,
            details: words.details,
            environment: words.environment,
            isRequired: isRequired,
            isRepeated: isRepeated,
            value: .init(words, defaultText: defaultText)
        )
        declared = Declared(declaration, start) { texts throws(InvalidValue) in
            guard let value = make(try words.read(texts)) else { throw InvalidValue() }
            return value
        }
    }
}

extension Option where Value: OptionValue {
    /// An option with a default.
    public init(
        wrappedValue: Value,
        environment: String? = nil,
        help: String,
        details: String = "",
        valueName: String? = nil,
        valid: Valid<Value>? = nil
    ) {
        let words = Words(environment, help, details, valueName, valid)
        self.init(
            Value.self,
            start: wrappedValue,
            words: words,
            defaultText: wrappedValue.argument,
            make: \.last
        )
    }

    /// An option that must be given, or its variable be set.
    public init(
        environment: String? = nil,
        help: String,
        details: String = "",
        valueName: String? = nil,
        valid: Valid<Value>? = nil
    ) {
        let words = Words(environment, help, details, valueName, valid)
        self.init(Value.self, start: nil, words: words, isRequired: true, defaultText: nil, make: \.last)
    }
}

extension Option {
    /// An option that may be left out.
    ///
    /// - Parameter absence: what happens without it, shown as the default.
    public init<Element: OptionValue>(
        environment: String? = nil,
        help: String,
        details: String = "",
        valueName: String? = nil,
        valid: Valid<Element>? = nil,
        absence: String? = nil
    ) where Value == Element? {
        let words = Words(environment, help, details, valueName, valid)
        self.init(Element.self, start: .some(nil), words: words, defaultText: absence) { .some($0.last) }
    }

    /// An option that may be given several times.
    public init<Element: OptionValue>(
        wrappedValue: [Element] = [],
        environment: String? = nil,
        help: String,
        details: String = "",
        valueName: String? = nil,
        valid: Valid<Element>? = nil
    ) where Value == [Element] {
        let words = Words(environment, help, details, valueName, valid)
        let defaults = wrappedValue.map(\.argument).joined(separator: ", ")
        self.init(
            Element.self,
            start: wrappedValue,
            words: words,
            isRepeated: true,
            defaultText: wrappedValue.isEmpty ? nil : defaults
        ) { $0 }
    }
}

/// What a declaration says of its value, gathered from an initializer's parameters.
struct Words<Element: OptionValue>: Sendable {
    let environment: String?
    let help: String
    let details: String
    let valueName: String?
    let valid: Valid<Element>?

    init(
        _ environment: String?,
        _ help: String,
        _ details: String,
        _ valueName: String?,
        _ valid: Valid<Element>?
    ) {
        (self.environment, self.help, self.details) = (environment, help, details)
        (self.valueName, self.valid) = (valueName, valid)
    }

    func read(_ texts: [String]) throws(InvalidValue) -> [Element] {
        var values: [Element] = []
        for text in texts {
            let value = try Element(argument: text)
            if let valid, !valid.accepts(value) { throw InvalidValue() }
            values.append(value)
        }
        return values
    }
}

extension Declaration.Value {
    init<Element: OptionValue>(_ words: Words<Element>, defaultText: String?) {
        self.init(
            name: words.valueName,
            valid: words.valid.map { "\(Element.valid), \($0.text)" } ?? Element.valid,
            all: Element.allArguments,
            isSecret: Element.isSecret,
            exposure: { Element.exposure(of: $0) },
            defaultText: defaultText
        )
    }
}
