/// All properties of the Debezium, Confluent and Aiven JDBC sinks and of Kafka Connect itself.
///
/// A property that is read is declared once, as a `Property` in the file of its group; the group lists it among those that are
/// not.
enum PropertyCatalog {
    /// Properties of one subject, in the reference's order.
    struct Group: Sendable {
        let title: String
        let properties: [PropertyEntry]

        init(_ title: String, _ properties: [PropertyEntry]) {
            (self.title, self.properties) = (title, properties)
        }
    }

    static let groups = [kafka, destination, writing, naming, errors]

    static let all = groups.flatMap(\.properties)

    static func find(_ property: String) -> PropertyEntry? {
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
