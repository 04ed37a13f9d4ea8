/// One thing that is wrong with a configuration: which property, what stands there, what may stand there.
struct ConfigurationProblem: Error, Hashable, CustomStringConvertible {
    let property: String
    /// The value as given; `nil` when the property is missing or its value is a secret.
    let value: String?
    let reason: String

    var description: String {
        value.map { "\(property) = \"\($0)\": \(reason)" } ?? "\(property): \(reason)"
    }
}

/// Something in a configuration that changes nothing here, and why.
struct ConfigurationNote: Hashable, Sendable, CustomStringConvertible {
    let property: String
    let reason: String

    var description: String { "\(property): no effect here: \(reason)" }
}

/// All that is wrong with a configuration, at once.
struct ConfigurationError: Error, CustomStringConvertible {
    let file: String
    let problems: [ConfigurationProblem]

    var description: String {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return (["\(file): \(count)"] + problems.map { "  \($0)" }).map(\.visible).joined(separator: "\n")
    }
}
