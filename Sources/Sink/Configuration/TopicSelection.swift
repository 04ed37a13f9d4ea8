/// Which topics are applied: those that `topics` lists, or those that `topics.regex` matches.
enum TopicSelection: Sendable {
    case listed([String])
    /// Names that must not be taken, such as the dead-letter topic, do not match.
    case matching(NamePattern, except: Set<String>)

    /// Kafka's own topics, which a Java consumer does not subscribe by an expression either.
    private static let reserved: Set<String> = [
        "__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata",
    ]

    /// The selected ones among the topics that a broker has, sorted; those that are listed in any case.
    func topics(among existing: [String]) -> [String] {
        switch self {
        case .listed(let names): return names
        case .matching(let pattern, let excluded):
            return existing.sorted().filter {
                !Self.reserved.contains($0) && !excluded.contains($0) && pattern.matches($0)
            }
        }
    }

    /// The topics as far as the file says them.
    var listed: [String] {
        if case .listed(let names) = self { return names }
        return []
    }

    var pattern: NamePattern? {
        if case .matching(let pattern, _) = self { return pattern }
        return nil
    }

    func includes(_ topic: String) -> Bool { topics(among: [topic]).contains(topic) }
}

extension TopicSelection: CustomStringConvertible {
    var description: String {
        switch self {
        case .listed(let names): return names.joined(separator: ",")
        case .matching(let pattern, _): return "/\(pattern.text)/"
        }
    }
}

extension PropertyReader {
    /// Takes `topics` or `topics.regex`; both at once are refused elsewhere.
    mutating func topicSelection() -> TopicSelection {
        let deadLetters = peek(PropertyCatalog.deadLetterTopic)?.trimmed ?? ""
        if let text = read(PropertyCatalog.topicPattern), peek(PropertyCatalog.topics) == nil {
            do throws(NamePattern.Failure) {
                let pattern = try NamePattern(text)
                if !deadLetters.isEmpty, pattern.matches(deadLetters) {
                    note(
                        PropertyCatalog.topicPattern,
                        "it matches errors.deadletterqueue.topic.name, which is not consumed all the same"
                    )
                }
                return .matching(pattern, except: deadLetters.isEmpty ? [] : [deadLetters])
            } catch {
                add(
                    PropertyCatalog.topicPattern,
                    text,
                    "is no regular expression that this version takes: \(error.reason)"
                )
                return .listed([])
            }
        }
        let list = read(PropertyCatalog.topics)
        let names = list.parts(at: ",").map { $0.trimmed }.filter { !$0.isEmpty }
        return .listed(names)
    }
}
