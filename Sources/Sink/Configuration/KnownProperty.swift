/// A property that a user of the peers may have in a file, and what this version makes of it.
struct KnownProperty: Sendable {
    /// What this version makes of a property.
    enum Support: Sendable {
        /// It is read; `SinkConfiguration` says what it may hold.
        case supported
        /// It changes nothing here, whatever its value; the text says why.
        case effectless(String)
        /// It is refused, but for values at which it changes nothing; the text says what happens instead.
        case refused(unless: [String], String)
    }

    /// The name; one that ends in `*` stands for all that begin so.
    let name: String
    /// Other names of the same property.
    let aliases: [String]
    let support: Support

    init(_ name: String, _ aliases: String..., support: Support) {
        (self.name, self.aliases, self.support) = (name, aliases, support)
    }

    var names: [String] { [name] + aliases }

    func matches(_ property: String) -> Bool {
        names.contains { name in
            name.ends(with: "*") ? property.utf8.starts(with: name.utf8.dropLast()) : property == name
        }
    }
}

/// All properties of the Debezium, Confluent and Aiven JDBC sinks and of Kafka Connect itself.
enum PropertyCatalog {
    static let all = connection + writing + naming + retrying + framework

    static func find(_ property: String) -> KnownProperty? {
        // Exact names go first: `key.converter.schemas.enable` is also one of `key.converter.*`.
        all.first { $0.names.contains(property) } ?? all.first { $0.matches(property) }
    }

    /// The known name that is most like this one, if one is like it at all.
    static func suggestion(for property: String) -> String? {
        let names = all.flatMap(\.names).filter { !$0.ends(with: "*") }
        let limit = max(2, property.utf8.count / 5)
        return names.map { (name: $0, distance: editDistance(property, $0)) }
            .filter { $0.distance <= limit }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }
}

/// How many letters to insert, delete, replace or swap to make one text of the other.
func editDistance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first.lowercasedASCII.utf8), Array(second.lowercasedASCII.utf8))
    var beforePrevious: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
        var current = [i + 1]
        for j in b.indices {
            var best = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                best = min(best, beforePrevious[j - 1] + 1)
            }
            current.append(best)
        }
        (beforePrevious, previous) = (previous, current)
    }
    return previous[b.count]
}
