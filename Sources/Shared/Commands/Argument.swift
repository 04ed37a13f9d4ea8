/// A value by its place: the first one declared takes the first value that belongs to no option.
@propertyWrapper public struct Argument<Value: Sendable>: Member, Sendable {
    private let declared: Declared<Value>

    public var wrappedValue: Value { declared.value }

    var declaration: Declaration { declared.declaration }

    /// A value that must be given.
    public init(
        help: String,
        valueName: String? = nil,
        valid: Valid<Value>? = nil
    ) where Value: OptionValue {
        let words = Words(nil, help, "", valueName, valid)
        let declaration = Declaration(
            kind: .argument,
            name: "",
            help: help,
            isRequired: true,
            value: .init(words, defaultText: nil)
        )
        declared = Declared(declaration, nil) { texts throws(InvalidValue) in
            guard let value = try words.read(texts).last else { throw InvalidValue() }
            return value
        }
    }

    /// A value that may be left out; it stands after those that must be given.
    public init<Element: OptionValue>(
        help: String,
        valueName: String? = nil,
        valid: Valid<Element>? = nil
    ) where Value == Element? {
        let words = Words(nil, help, "", valueName, valid)
        let declaration = Declaration(
            kind: .argument,
            name: "",
            help: help,
            value: .init(words, defaultText: nil)
        )
        declared = Declared(declaration, .some(nil)) { texts throws(InvalidValue) in
            try words.read(texts).last
        }
    }

    func take(_ texts: [String]) throws(InvalidValue) {
        try declared.take(texts)
    }
}

/// A switch: `--name`, and where it is invertible `--no-name`.
@propertyWrapper public struct Flag: Member, Sendable {
    private let declared: Declared<Bool>

    public var wrappedValue: Bool { declared.value }

    var declaration: Declaration { declared.declaration }

    /// - Parameters:
    ///   - short: one letter that means the same: `q` for `-q`.
    ///   - isInvertible: whether `--no-name` switches it off.
    public init(
        wrappedValue: Bool,
        short: Character? = nil,
        isInvertible: Bool = false,
        help: String,
        details: String = ""
    ) {
        let declaration = Declaration(
            kind: isInvertible ? .invertibleFlag : .flag,
            name: "",
            short: short,
            help: help,
            details: details,
            value: .init(defaultText: isInvertible ? (wrappedValue ? Self.on : Self.off) : nil)
        )
        // A flag is given as the text of its name: one that begins with `no-` switches it off.
        declared = Declared(declaration, wrappedValue) { texts throws(InvalidValue) in
            texts.last != Self.off
        }
    }

    func take(_ texts: [String]) throws(InvalidValue) {
        try declared.take(texts)
    }

    /// What stands for `--no-name`.
    static let off = "no"
    /// What stands for `--name`.
    static let on = "yes"
}

/// Options that several commands share.
@propertyWrapper public struct OptionGroup<Group: Options>: Sendable {
    /// An object for the same reason as `Declared`.
    private final class Content: Sendable {
        let group = Group()
        let title: String?
        let prefix: String
        let environment: String

        init(title: String?, prefix: String, environment: String) {
            (self.title, self.prefix, self.environment) = (title, prefix, environment)
        }
    }

    private let content: Content

    public var wrappedValue: Group { content.group }

    var title: String? { content.title }
    var prefix: String { content.prefix }
    var environment: String { content.environment }

    /// - Parameters:
    ///   - title: a heading for them in help; `nil` puts them among the command's own.
    ///   - prefix: a word and a dash before each name: `patroni` makes `--patroni-ca` of `ca`.
    ///   - environment: what is put before the names of their variables.
    public init(title: String? = nil, prefix: String = "", environment: String = "") {
        content = Content(title: title, prefix: prefix, environment: environment)
    }
}
