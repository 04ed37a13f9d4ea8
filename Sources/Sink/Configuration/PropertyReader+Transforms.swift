/// The one transform that sinks of the ecosystem are given, because the Confluent sink cannot read envelopes.
extension PropertyReader {
    /// Whether the peer that the configuration is for takes each record as a row: it reads no envelopes, and no transform
    /// unwraps them.
    var expectsRows: Bool {
        guard let connector = peek("connector.class"), connector != ConnectorClass.known[0] else {
            return false
        }
        return (peek("transforms") ?? "").trimmed.isEmpty
    }

    static let unwrapping = "io.debezium.transforms.ExtractNewRecordState"

    /// Takes `ExtractNewRecordState` where it does what this sink does with envelopes anyway.
    ///
    /// Any other transform, or another one beside it, stays for the catalog to refuse.
    mutating func takeUnwrapping(deletesRows: Bool) {
        guard let name = peek("transforms")?.trimmed, !name.isEmpty, !name.unicodeScalars.contains(","),
            peek("transforms.\(name).type") == Self.unwrapping
        else { return }
        _ = take("transforms")
        let prefix = "transforms.\(name)."
        var options = takeAll(prefix: prefix)
        options["type"] = nil
        note("transforms", "this sink reads Debezium's envelopes by itself")
        let delivery = Self.deletes(
            mode: options.removeValue(forKey: "delete.tombstone.handling.mode"),
            formerMode: options.removeValue(forKey: "delete.handling.mode"),
            dropsTombstones: options.removeValue(forKey: "drop.tombstones")
        )
        switch delivery {
        case .refused(let option, let reason): add(prefix + option, "", reason)
        case .dropped where deletesRows:
            add("delete.enabled", "true", "contradicts \(prefix)type: with its options it drops all deletes")
        case .unsaid where deletesRows:
            add(
                prefix + "delete.tombstone.handling.mode",
                nil,
                "is missing: whether deletes come through without it depends on Debezium's version; tombstone lets them"
            )
        case .dropped, .unsaid, .delivered: break
        }
        for (option, value) in options {
            if option == "replace.null.with.default", value == "false" { continue }
            add(prefix + option, value, "is not supported by this version: records are applied as they are")
        }
    }

    /// Whether deletes come out of the transform.
    enum DeleteDelivery: Hashable {
        case delivered
        case dropped
        /// The options leave it to the default, which has changed.
        case unsaid
        case refused(option: String, reason: String)
    }

    /// What the transform's options of both generations mean.
    static func deletes(mode: String?, formerMode: String?, dropsTombstones: String?) -> DeleteDelivery {
        let rewriting = "a column __deleted is not written by this version"
        switch mode {
        case "tombstone", "delete-to-tombstone": return .delivered
        case "drop": return .dropped
        case "rewrite", "rewrite-with-tombstone":
            return .refused(option: "delete.tombstone.handling.mode", reason: rewriting)
        case .some:
            return .refused(option: "delete.tombstone.handling.mode", reason: "must be tombstone or drop")
        case nil: break
        }
        switch (formerMode, dropsTombstones) {
        case (nil, nil): return .unsaid
        case ("none", _): return .delivered
        // The delete event is dropped, the tombstone that Debezium sends behind it is not.
        case (nil, "false"), ("drop", "false"): return .delivered
        case (nil, "true"), ("drop", "true"), ("drop", nil): return .dropped
        case ("rewrite", _): return .refused(option: "delete.handling.mode", reason: rewriting)
        case (nil, _), ("drop", _):
            return .refused(option: "drop.tombstones", reason: "must be true or false")
        default: return .refused(option: "delete.handling.mode", reason: "must be drop or none")
        }
    }
}
