/// An expression that a whole name must match, as Java's `Pattern.matches` does.
///
/// Names come from whoever makes topics and fields, so the work of a match is bounded by the lengths of both.
struct NamePattern: Hashable, Sendable {
    let text: String
    private let pattern: JavaPattern

    /// - Throws: `Failure` that says what is not taken.
    init(_ text: String) throws(Failure) {
        do throws(JavaPattern.Failure) {
            pattern = try JavaPattern(text)
        } catch {
            throw Failure(reason: error.reason)
        }
        if let reason = pattern.objectionForNames { throw Failure(reason: reason) }
        self.text = text
    }

    struct Failure: Error {
        let reason: String
    }

    func matches(_ name: String) -> Bool { pattern.matchesName(name) }

    static func == (left: NamePattern, right: NamePattern) -> Bool { left.text.isSame(as: right.text) }

    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
