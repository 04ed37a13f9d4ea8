/// What a command line may hold at one place: an option, a flag or a positional value.
///
/// Parsing, help, completions, man pages and tables are made from these and nothing else.
struct Declaration: Sendable {
    enum Kind: Sendable {
        case option, flag, argument
        /// A flag that has a second name to switch it off: `--no-NAME`.
        case invertibleFlag
    }

    /// What an option's value looks like.
    struct Value: Sendable {
        /// What stands for the value in help; `nil` takes the option's name.
        var name: String?
        /// What would be valid, as it follows "it must be".
        var valid = ""
        var all: [String] = []
        var isSecret = false
        /// Why a text must not stand on a command line; `nil` where it may.
        var exposure: @Sendable (String) -> String? = { _ in nil }
        /// The default as a person would write it; `nil` where there is none to show.
        var defaultText: String?
    }

    var kind: Kind
    /// The name without dashes, in lower case with dashes between words.
    var name: String
    var short: Character?
    var help: String
    var details: String = ""
    /// The variable of the environment that stands in for an option that is not given.
    var environment: String?
    var isRequired = false
    var isRepeated = false
    var value = Value()
    /// The heading of the group that it belongs to; `nil` for the command's own.
    var group: String?

    /// Whether help, completions and pages leave it out.
    var isHidden: Bool { help.isEmpty }

    /// Whether a shell offers files for its value.
    var takesFile: Bool { (value.name ?? name) == "file" }

    /// Name of the value in angle brackets: `<file>`.
    var placeholder: String { "<\(value.name ?? name)>" }

    /// How it is written, as help and errors show it: `--name <value>`, `<file>`.
    var label: String {
        switch kind {
        case .option: "--\(name) \(placeholder)"
        case .flag: "--\(name)"
        case .invertibleFlag: "--\(name)/--no-\(name)"
        case .argument: placeholder
        }
    }

    /// All its long names, without dashes.
    var longNames: [String] {
        switch kind {
        case .argument: []
        case .option, .flag: [name]
        case .invertibleFlag: [name, "no-\(name)"]
        }
    }

    /// What is in parentheses after the help: the values, the variable and the default.
    var facts: String {
        var parts: [String] = []
        if !value.all.isEmpty { parts.append("values: \(value.all.joined(separator: ", "))") }
        if let environment { parts.append("environment: \(environment)") }
        if let text = value.defaultText { parts.append("default: \(text)") }
        return parts.isEmpty ? "" : "(\(parts.joined(separator: "; ")))"
    }
}
