/// Unwrapping, the one transform that nearly every sink is given, because the Confluent sink cannot read envelopes.
extension PropertyReader {
    /// Whether the peer that the configuration is for takes each record as a row: it reads no envelopes, and no transform
    /// unwraps them.
    var expectsRows: Bool {
        guard let connector = peek(PropertyCatalog.connectorClass), connector != ConnectorClass.known[0]
        else {
            return false
        }
        return !transformNames.contains { isUnwrapping($0) }
    }

    static let unwrapping = "io.debezium.transforms.ExtractNewRecordState"

    private var transformNames: [String] {
        (peek(PropertyCatalog.transforms) ?? "").parts(at: ",").map(\.trimmed).filter { !$0.isEmpty }
    }

    private func isUnwrapping(_ name: String) -> Bool {
        let type = peek("\(PropertyCatalog.transformOptions.prefix)\(name).type")?.trimmed ?? ""
        return [Self.unwrapping, "ExtractNewRecordState", "io.debezium.transforms.UnwrapFromEnvelope"].holds(
            type
        )
    }

    /// Takes `ExtractNewRecordState` where it is alone and does what this sink does with envelopes anyway, without a
    /// transform.
    mutating func takeUnwrapping(deletesRows: Bool) {
        guard transformNames.count == 1, isUnwrapping(transformNames[0]) else { return }
        let name = transformNames[0]
        let prefix = "\(PropertyCatalog.transformOptions.prefix)\(name)."
        let plain = [
            "type", "delete.tombstone.handling.mode", "delete.handling.mode", "drop.tombstones",
            "replace.null.with.default",
        ]
        switch deletes(of: name) {
        case .delivered: break
        case .dropped where !deletesRows: break
        case .unsaid where !deletesRows: break
        default: return
        }
        let options = given(prefix: prefix)
        guard options.allSatisfy({ plain.holds($0) }) else { return }
        if let flag = peek(prefix + "replace.null.with.default")?.lowercasedASCII,
            !["true", "false"].holds(flag)
        {
            return
        }
        _ = take(PropertyCatalog.transforms)
        _ = takeAll(prefix: prefix)
        note(PropertyCatalog.transforms, "this sink reads Debezium's envelopes by itself")
    }

    /// Says where a transform that unwraps leaves out the deletes that the sink is to apply.
    mutating func checkDeletes(of name: String, deletesRows: Bool) {
        guard isUnwrapping(name), deletesRows else { return }
        let prefix = "\(PropertyCatalog.transformOptions.prefix)\(name)."
        switch deletes(of: name) {
        case .dropped:
            add(
                PropertyCatalog.deletes,
                "true",
                "contradicts \(prefix)type: with its options it drops all deletes"
            )
        case .unsaid:
            add(
                prefix + "delete.tombstone.handling.mode",
                nil,
                "is missing: whether deletes come through without it depends on Debezium's version; tombstone lets them"
            )
        case .delivered, .rewritten, .unknown: break
        }
    }

    private func deletes(of name: String) -> DeleteDelivery {
        let prefix = "\(PropertyCatalog.transformOptions.prefix)\(name)."
        return Self.deletes(
            mode: peek(prefix + "delete.tombstone.handling.mode"),
            formerMode: peek(prefix + "delete.handling.mode"),
            dropsTombstones: peek(prefix + "drop.tombstones")
        )
    }

    /// Whether deletes come out of the transform.
    enum DeleteDelivery: Hashable {
        case delivered
        case dropped
        /// As rows with a field `__deleted`.
        case rewritten
        /// The options leave it to the default, which has changed.
        case unsaid
        /// A word that the transform does not know; it says so itself.
        case unknown
    }

    /// What the transform's options of both generations mean.
    static func deletes(mode: String?, formerMode: String?, dropsTombstones: String?) -> DeleteDelivery {
        switch mode {
        case "tombstone", "delete-to-tombstone": return .delivered
        case "drop": return .dropped
        case "rewrite", "rewrite-with-tombstone": return .rewritten
        case .some: return .unknown
        case nil: break
        }
        switch (formerMode, dropsTombstones) {
        case (nil, nil): return .unsaid
        case ("none", _): return .delivered
        case ("rewrite", _): return .rewritten
        // The delete event is dropped, the tombstone that Debezium sends after it is not.
        case (nil, "false"), ("drop", "false"): return .delivered
        case (nil, "true"), ("drop", "true"), ("drop", nil): return .dropped
        default: return .unknown
        }
    }
}
