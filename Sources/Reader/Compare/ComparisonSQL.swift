import Postgres

/// The statements that one side of a comparison runs.
struct ComparisonSQL: Sendable {
    let side: Side
    let table: String
    let pairing: ColumnPairing
    let buckets: KeyBuckets

    /// Key columns as text; the whole row for tables without a key.
    var keyTexts: [String] {
        pairing.key.isEmpty
            ? ["row(\(pairing.columns.map(\.text).joined(separator: ", ")))::text"] : pairing.key.map(\.text)
    }

    /// The row's 64-bit hash.
    ///
    /// `hash_record_extended` is linear in the hashes of its columns: two rows that have exchanged a value would
    /// leave the sum over both as it is. So its result is hashed once more.
    var rowHash: String { Self.hash(pairing.columns) }

    /// The hash of the key; of the row for tables without one.
    var keyHash: String { pairing.key.isEmpty ? rowHash : Self.hash(pairing.key) }

    private static func hash(_ columns: [ColumnPair]) -> String {
        let values = columns.map(\.digest).joined(separator: ", ")
        return "hashtextextended(hash_record_extended(row(\(values)), 0)::text collate \"C\", 0)"
    }

    private var bucket: String {
        switch buckets {
        case .ranges(let type, let bounds):
            let key = pairing.key.first.map { quotedIdentifier($0.name) } ?? "null"
            return "width_bucket(\(key), '{\(bounds.joined(separator: ","))}'::\(type)[])"
        case .hashes(let count): return "(\(keyHash) & \(count - 1))"
        }
    }

    /// Number and sum of hashes of the rows of each bucket, among the blocks given.
    ///
    /// The sum of bigints is numeric, so nothing overflows; unlike an exclusive or, it sees a row that is there
    /// twice.
    func sums(blocks: Range<Int>?) -> String {
        let condition = blocks.map { blocks in
            let end = blocks.upperBound == .max ? "" : " and ctid < '(\(blocks.upperBound),0)'::tid"
            return " where ctid >= '(\(blocks.lowerBound),0)'::tid\(end)"
        }
        return "select \(bucket), count(*), sum(\(rowHash)) from \(table)\(condition ?? "") group by 1"
    }

    /// The rows of some buckets, in an order that depends on neither server's collations.
    func rows(of chosen: [Int]) -> String {
        let texts = keyTexts.enumerated().map { "\($1) collate \"C\" as k\($0)" }.joined(separator: ", ")
        let order = keyTexts.indices.map { "k\($0)" }.joined(separator: ", ")
        return "select \(keyHash) as h, \(rowHash), \(version), \(texts) from \(table)\(condition(chosen)) "
            + "order by h, \(order)"
    }

    private var version: String { pairing.version?.version ?? "null::int8" }

    private func condition(_ chosen: [Int]) -> String {
        // Most of the table is read anyway.
        guard chosen.count * 2 < buckets.count else { return "" }
        switch buckets {
        case .ranges(let type, let bounds) where chosen.count <= 500:
            let key = pairing.key.first.map { quotedIdentifier($0.name) } ?? "null"
            let ranges = KeyBuckets.joined(chosen).map { range in
                // Bucket n begins with bound n - 1 and ends before bound n.
                let low = range.lowerBound > 0 ? ["\(key) >= '\(bounds[range.lowerBound - 1])'::\(type)"] : []
                let high =
                    range.upperBound < bounds.count ? ["\(key) < '\(bounds[range.upperBound])'::\(type)"] : []
                return "(" + (low + high).joined(separator: " and ") + ")"
            }
            return " where " + ranges.joined(separator: " or ")
        default:
            return " where \(bucket) = any('{\(chosen.map(String.init).joined(separator: ","))}'::int8[])"
        }
    }

    /// Points between which rows lie about evenly, of a sample of so much of the table.
    static func bounds(_ table: String, key: ColumnPair, count: Int, percent: Double) -> String {
        let step = "1.0 / \(count)"
        return """
            select percentile_disc(array(select (i * \(step))::float8 from generate_series(1, \(count - 1)) i))
                within group (order by \(quotedIdentifier(key.name)))
            from \(table) tablesample system (\(percent))
            """
    }

    /// The rows with the keys of `$1`, `$2`, …: an array of text for each column of the key.
    ///
    /// - Parameter values: what to read of each row beside the place of its key.
    func lookup(_ values: [String]) -> String {
        guard !pairing.key.isEmpty else {
            return "select k.handover_place, \(values.joined(separator: ", ")) from \(table) "
                + "join unnest($1::int8[]) with ordinality k(handover_hash, handover_place) on k.handover_hash = \(keyHash)"
        }
        return "select k.handover_place, \(values.joined(separator: ", ")) from \(table) as compared "
            + "join \(keys) on \(matches)"
    }

    /// The keys that `$1`, `$2`, … hold, as rows.
    private var keys: String {
        let places = pairing.key.indices
        let arrays = places.map { "$\($0 + 1)::text[]" }.joined(separator: ", ")
        // Names that no column of the user's has.
        let names = places.map { "handover_key\($0)" }.joined(separator: ", ")
        return "unnest(\(arrays)) with ordinality as k(\(names), handover_place)"
    }

    private var matches: String {
        zip(pairing.key.indices, pairing.key).map { place, column in
            "compared.\(quotedIdentifier(column.name)) = k.handover_key\(place)::\(declaration(column))"
        }.joined(separator: " and ")
    }

    /// Writes the rows with the keys of `$1`, `$2`, … once more as they are, so that the stream carries them.
    ///
    /// `nil` where no column can be assigned to.
    var touch: String? {
        let columns = pairing.columns.filter { !(side == .source ? $0.source : $0.destination).isComputed }
        // A key's column is the last choice: some connectors make a delete and an insert of its update.
        guard let column = columns.first(where: { !pairing.key.contains($0) }) ?? columns.first else {
            return nil
        }
        let name = quotedIdentifier(column.name)
        return "update \(table) as compared set \(name) = compared.\(name) from \(keys) where \(matches)"
    }

    /// Deletes the rows with the keys of `$1`, `$2`, ….
    var delete: String { "delete from \(table) as compared using \(keys) where \(matches)" }

    /// What a re-read asks of each row.
    var stateValues: [String] { [rowHash, version] }

    private func declaration(_ column: ColumnPair) -> String {
        (side == .source ? column.source : column.destination).declaration
    }
}
