/// A connector that moves its slot forward to its stored offset when the offset is ahead.
///
/// Debezium 3.4 and later do so where `offset.mismatch.strategy` is `trust_offset` or `trust_greater_lsn`, or where the
/// older `slot.seek.to.known.offset.on.start` is `true` and that is absent. They compare positions and no timelines:
/// after a failover an offset of the dead timeline is ahead of the slot, and `pg_replication_slot_advance` then makes
/// the server drop the changes that the new leader has in between, for good.
struct SlotAdvance: Sendable, Equatable {
    /// The property that asks for it, and its value.
    var property: String
    var value: String

    /// - Returns: `nil` for a connector that leaves its slot where it is.
    init?(_ configuration: [String: String]) {
        let (strategy, seek) = ("offset.mismatch.strategy", "slot.seek.to.known.offset.on.start")
        if let given = configuration[strategy] {
            // As Debezium reads it: blanks around it and the case of letters do not count.
            let value = Self.plain(given)
            guard value == "trust_offset" || value == "trust_greater_lsn" else { return nil }
            (property, self.value) = (strategy, value)
        } else if let given = configuration[seek], Self.plain(given) == "true" {
            (property, value) = (seek, "true")
        } else {
            return nil
        }
    }

    /// Why the guard does not open for it, and what to do.
    var objection: String {
        """
        the connector has \(property)=\(value): it moves its slot forward to an offset of a dead timeline, and the \
        changes in between are lost for good; set offset.mismatch.strategy to no_validation, its default, or start the \
        guard with --allow-slot-advance
        """
    }

    /// Without what Java's `String.trim` takes, which is more than blanks.
    private static func plain(_ text: String) -> String {
        let isTrimmed = { (scalar: Unicode.Scalar) in scalar.value <= 0x20 }
        let rest = text.unicodeScalars.drop(while: isTrimmed)
        let end = rest.lastIndex { !isTrimmed($0) }.map { rest.index(after: $0) } ?? rest.startIndex
        return String(rest[..<end]).lowercasedASCII
    }
}
