/// All that one command takes, read from the properties of an instance.
struct Signature {
    /// The declarations in the order in which they are written, those of groups where the group stands.
    private(set) var declarations: [Declaration] = []
    private(set) var members: [any Member] = []
    /// The groups and the command itself, in the order in which their values are checked.
    private(set) var parts: [any Options] = []

    init(of command: any Options) {
        collect(command, group: nil, prefix: "", environment: "")
        parts.append(command)
    }

    private mutating func collect(
        _ options: any Options,
        group: String?,
        prefix: String,
        environment: String
    ) {
        // Property wrappers are stored under the property's name with an underscore before it.
        for child in Mirror(reflecting: options).children {
            guard let label = child.label else { continue }
            if let member = child.value as? any Member {
                var declaration = member.declaration
                declaration.name = prefix + Self.name(ofProperty: label)
                declaration.group = group
                if declaration.kind == .invertibleFlag {
                    let isOn = declaration.value.defaultText == Flag.on
                    declaration.value.defaultText = "--\(isOn ? "" : "no-")\(declaration.name)"
                }
                declaration.environment = declaration.environment.map { environment + $0 }
                declarations.append(declaration)
                members.append(member)
            } else if let nested = child.value as? any SharedOptions {
                collect(
                    nested.options,
                    group: nested.title ?? group,
                    prefix: prefix + (nested.prefix.isEmpty ? "" : nested.prefix + "-"),
                    environment: environment + nested.environment
                )
                parts.append(nested.options)
            }
        }
    }

    /// `_hotKeys` is `hot-keys`.
    static func name(ofProperty label: String) -> String {
        var name = ""
        for scalar in label.unicodeScalars where scalar != "_" {
            if scalar.properties.isUppercase, !name.isEmpty { name += "-" }
            name += scalar.properties.lowercaseMapping
        }
        return name
    }

    func index(ofLongName name: String) -> Int? {
        declarations.firstIndex { $0.longNames.contains(name) }
    }

    func index(ofShortName name: Character) -> Int? {
        declarations.firstIndex { $0.short == name }
    }

    /// The indices of the positional values, in order.
    var positions: [Int] { declarations.indices.filter { declarations[$0].kind == .argument } }

    /// What help, completions and pages show.
    var visible: [Declaration] { declarations.filter { !$0.isHidden } }
}

/// What a signature reads from a group, whatever its type.
private protocol SharedOptions {
    var options: any Options { get }
    var title: String? { get }
    var prefix: String { get }
    var environment: String { get }
}

extension OptionGroup: SharedOptions {
    var options: any Options { wrappedValue }
}
