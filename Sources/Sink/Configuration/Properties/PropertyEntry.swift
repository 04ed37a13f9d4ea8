/// A property that a user of the peers may have in a file, and what this version makes of it.
struct PropertyEntry: Sendable {
    /// What this version makes of a property.
    enum Support: Sendable {
        /// It is read.
        case supported(Meaning)
        /// It changes nothing here, whatever its value; the text says why.
        case effectless(String)
        /// It is refused, but for values at which it changes nothing; the text says what happens instead.
        case refused(unless: [String], String)
    }

    /// What the reference says of a property that is read.
    struct Meaning: Sendable {
        let values: Values
        /// What holds without it, as it would be written; empty where there is no such value.
        let fallback: String
        let meaning: String
        /// How the peers differ.
        let peers: String
    }

    enum Values: Sendable {
        /// These words and no others.
        case words([String])
        case text(String)
    }

    /// The name; one that ends in `*` stands for all that begin so.
    let name: String
    /// Other names of the same property.
    let aliases: [String]
    let support: Support

    init(_ names: [String], _ support: Support) {
        name = names.first ?? ""
        aliases = Array(names.dropFirst())
        self.support = support
    }

    static func effectless(_ names: String..., because reason: String) -> PropertyEntry {
        PropertyEntry(names, .effectless(reason))
    }

    /// - Parameters:
    ///   - allowed: values at which it changes nothing.
    ///   - reason: what happens instead.
    static func refused(
        _ names: String...,
        unless allowed: [String],
        because reason: String
    ) -> PropertyEntry {
        PropertyEntry(names, .refused(unless: allowed, reason))
    }

    var names: [String] { [name] + aliases }

    /// What it means, where it is read.
    var meaning: Meaning? {
        if case .supported(let meaning) = support { meaning } else { nil }
    }

    func matches(_ property: String) -> Bool {
        names.contains { name in
            name.ends(with: "*") ? property.utf8.starts(with: name.utf8.dropLast()) : property == name
        }
    }
}
