import ChangeEvents

/// `org.apache.kafka.connect.transforms.RegexRouter`: another topic for what matches.
struct RegexRouter: Transform {
    private let pattern: JavaPattern
    private let replacement: JavaReplacement
    /// Topics that were met, with what becomes of them.
    private var known: [ExactText: String] = [:]

    init?(_ options: inout TransformOptions) {
        let regex = options.required("regex", hint: "an expression that the topic's whole name matches")
        let text = options.required(
            "replacement",
            hint: "the new name, with $1 for a group",
            allowingEmpty: true
        )
        guard let regex, let text else { return nil }
        self.init(&options, regex: regex, "regex", replacement: text, "replacement")
    }

    /// A router for another transform, by the names of that one's options.
    init?(
        _ options: inout TransformOptions,
        regex: String,
        _ regexName: String,
        replacement text: String,
        _ replacementName: String
    ) {
        guard let pattern = options.pattern(regexName, regex),
            let replacement = options.replacement(replacementName, text, for: pattern)
        else { return nil }
        (self.pattern, self.replacement) = (pattern, replacement)
    }

    mutating func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        let topic = ExactText(record.topic)
        if let target = known[topic] {
            record.topic = target
            return true
        }
        let target: String
        do throws(JavaPattern.Exhausted) {
            target = try self.target(of: record.topic)
        } catch {
            throw pattern.exhaustion
        }
        if known.count < 1_000 { known[topic] = target }
        record.topic = target
        return true
    }

    func topic(for topic: String) -> String? { try? target(of: topic) }

    /// The expression must match the whole name, and what is replaced is the first place that matches by itself.
    private func target(of topic: String) throws(JavaPattern.Exhausted) -> String {
        guard try pattern.matches(topic) else { return topic }
        return try replacement.replacingFirst(pattern, in: topic)
    }
}

/// `org.apache.kafka.connect.transforms.Filter`: drops what its predicate holds of.
struct RecordFilter: Transform {
    func apply(_ record: inout ConnectRecord) -> Bool { false }
}
