/// Combinations with which the peers start and then do harm.
extension PropertyReader {
    /// Refuses what goes wrong only together; call it before anything is taken.
    mutating func refuseTraps() {
        if let include = peek(PropertyCatalog.includedFields), !include.trimmed.isEmpty,
            let exclude = peek(PropertyCatalog.excludedFields), !exclude.trimmed.isEmpty
        {
            add(
                PropertyCatalog.excludedFields,
                exclude,
                "stands beside field.include.list; only one of them may be given"
            )
        }
        if let topic = peek(PropertyCatalog.deadLetterTopic), !topic.trimmed.isEmpty,
            (peek(PropertyCatalog.tolerance)?.trimmed.lowercasedASCII ?? "none") == "none"
        {
            add(
                PropertyCatalog.deadLetterTopic,
                topic,
                "needs errors.tolerance = all to receive anything"
            )
        }
        if let regex = peek(PropertyCatalog.topicPattern), peek(PropertyCatalog.topics) != nil {
            add(PropertyCatalog.topicPattern, regex, "stands beside topics; only one of them may be given")
        }
    }
}
