/// A regular expression that a whole name must match, as Java's `Pattern.matches` does.
///
/// Swift's engine reads Java's syntax but for a few constructs, which it refuses.
struct NamePattern: Hashable, Sendable {
    let text: String

    /// - Throws: `Failure` that says what the engine does not take.
    init(_ text: String) throws(Failure) {
        self.text = text
        do {
            // Some constructs are refused only when they are to be matched.
            _ = try Regex(text).wholeMatch(in: "a")
        } catch {
            throw Failure(reason: "\(error)")
        }
    }

    struct Failure: Error {
        let reason: String
    }

    /// The names that match, in their order.
    func matches(among names: [String]) -> [String] {
        // A compiled expression is not Sendable, and this is never done for a record.
        guard let regex = try? Regex(text).wordBoundaryKind(.simple) else {
            return []
        }
        return names.filter { name in (try? regex.wholeMatch(in: name)) != nil }
    }

    func matches(_ name: String) -> Bool { !matches(among: [name]).isEmpty }
}
