/// A value by its place: the first one declared takes the first value that belongs to no option.
@propertyWrapper public struct Argument<Value: OptionValue>: Member, Sendable {
    let declaration: Declaration
    private let cell = Cell<Value>(nil)
    private let words: Words<Value>

    public var wrappedValue: Value { cell.value }

    /// A value that must be given.
    public init(
        help: String,
        valueName: String? = nil,
        valid: Valid<Value>? = nil
    ) {
        words = Words(nil, help, "", valueName, valid)
        declaration = Declaration(
            kind: .argument,
            name: "",
            help: help,
            isRequired: true,
            value: .init(words, defaultText: nil)
        )
    }

    func take(_ texts: [String]) throws(InvalidValue) {
        guard let value = try words.read(texts).last else { throw InvalidValue() }
        cell.set(value)
    }
}

/// A switch: `--name`, and where it is invertible `--no-name`.
@propertyWrapper public struct Flag: Member, Sendable {
    let declaration: Declaration
    private let cell: Cell<Bool>

    public var wrappedValue: Bool { cell.value }

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
        declaration = Declaration(
            kind: isInvertible ? .invertibleFlag : .flag,
            name: "",
            short: short,
            help: help,
            details: details,
            value: .init(defaultText: isInvertible ? (wrappedValue ? Self.on : Self.off) : nil)
        )
        cell = Cell(wrappedValue)
    }

    /// A flag is given as the text of its name: one that begins with `no-` switches it off.
    func take(_ texts: [String]) throws(InvalidValue) {
        cell.set(texts.last != Self.off)
    }

    /// What stands for `--no-name`.
    static let off = "no"
    /// What stands for `--name`.
    static let on = "yes"
}

/// Options that several commands share.
@propertyWrapper public struct OptionGroup<Group: Options>: Sendable {
    public let wrappedValue = Group()
    let title: String?
    let prefix: String
    let environment: String

    /// - Parameters:
    ///   - title: a heading for them in help; `nil` puts them among the command's own.
    ///   - prefix: a word and a dash before each name: `patroni` makes `--patroni-ca` of `ca`.
    ///   - environment: what is put before the names of their variables.
    public init(title: String? = nil, prefix: String = "", environment: String = "") {
        (self.title, self.prefix, self.environment) = (title, prefix, environment)
    }
}
