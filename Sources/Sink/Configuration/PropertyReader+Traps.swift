/// Combinations with which the peers start and then do harm.
extension PropertyReader {
    /// Refuses what goes wrong only together; call it before anything is taken.
    mutating func refuseTraps() {
        if let include = peek("field.include.list", alias: "fields.whitelist"), !include.trimmed.isEmpty,
            let exclude = peek("field.exclude.list"), !exclude.trimmed.isEmpty
        {
            add(
                "field.exclude.list",
                exclude,
                "stands beside field.include.list; only one of them may be given"
            )
        }
        if let topic = peek("errors.deadletterqueue.topic.name"), !topic.trimmed.isEmpty,
            (peek("errors.tolerance")?.lowercasedASCII ?? "none") == "none"
        {
            add(
                "errors.deadletterqueue.topic.name",
                topic,
                "needs errors.tolerance = all to receive anything"
            )
        }
        if let regex = peek("topics.regex"), peek("topics") != nil {
            add("topics.regex", regex, "stands beside topics; only one of them may be given")
        }
    }
}
