/// Combinations with which the peers start and then do harm.
extension PropertyReader {
    /// Refuses what goes wrong only together; call it before anything is taken.
    mutating func refuseTraps() {
        let keyMode = peek("primary.key.mode", alias: "pk.mode")?.trimming.lowercased() ?? "none"
        let insertMode = peek("insert.mode")?.trimming.lowercased() ?? "insert"
        if peek("delete.enabled")?.lowercased() == "true", keyMode == "none" || keyMode == "kafka" {
            add(
                "delete.enabled",
                peek("delete.enabled"),
                "needs primary.key.mode record_key, record_value or record_header: with \(keyMode) a delete has no "
                    + "key to find its row by and would empty the table"
            )
        }
        if keyMode == "none", insertMode == "update" || insertMode == "upsert" {
            add(
                "insert.mode",
                insertMode,
                "needs a primary.key.mode other than none: without a key it has no row to change"
                    + (insertMode == "update" ? " and would change them all" : "")
            )
        }
        if let include = peek("field.include.list", alias: "fields.whitelist"), !include.trimming.isEmpty,
            let exclude = peek("field.exclude.list"), !exclude.trimming.isEmpty
        {
            add(
                "field.exclude.list",
                exclude,
                "stands beside field.include.list; only one of them may be given"
            )
        }
        if let topic = peek("errors.deadletterqueue.topic.name"), !topic.trimming.isEmpty,
            (peek("errors.tolerance")?.lowercased() ?? "none") == "none"
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
