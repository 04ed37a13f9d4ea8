import Model
import Postgres

/// Reads one side of a comparison through its session.
struct TableScan: Sendable {
    let session: SideSession
    let sql: ComparisonSQL
    let blockCount: Int?

    /// A server may work on one statement for as long as it takes; only a dead connection ends the wait.
    static let timeout = Deadline.never
    private static let fetchCount = 5_000

    /// Number and sum of hashes of each bucket.
    func sums(_ progress: ScanProgress) async throws(CompareError) -> BucketSums {
        let pieces: [Range<Int>?] = blockCount.map { KeyBuckets.pieces(ofBlocks: $0) } ?? [nil]
        progress.expect(pieces.count)
        var sums = BucketSums()
        for piece in pieces {
            let statement = sql.sums(blocks: piece)
            sums.add(
                try await session.perform { connection throws(PostgresError) in
                    let result = try connection.execute(statement, deadline: Self.timeout)
                    var part = BucketSums()
                    for row in 0..<result.rowCount {
                        let hashes = result.text(row, 2).flatMap { Int128($0) } ?? 0
                        part.add(
                            Int(result.integer(row, 0) ?? 0),
                            rowCount: result.integer(row, 1) ?? 0,
                            hashes: hashes
                        )
                    }
                    return part
                }
            )
            progress.advance()
        }
        return sums
    }

    /// The next rows of the cursor, which is opened over the rows of some buckets first where these are given.
    func next(openedAt buckets: [Int]?) async throws(CompareError) -> [(RowKey, RowState)] {
        if let buckets {
            let statement = sql.rows(of: buckets)
            try await session.perform { connection throws(PostgresError) in
                try connection.execute(
                    "declare compared no scroll cursor for \(statement)",
                    deadline: Self.timeout
                )
            }
        }
        return try await fetch()
    }

    /// The next rows of the cursor; none at its end.
    private func fetch() async throws(CompareError) -> [(RowKey, RowState)] {
        let keyCount = sql.keyTexts.count
        return try await session.perform { connection throws(PostgresError) in
            let result = try connection.execute(
                "fetch \(Self.fetchCount) from compared",
                deadline: Self.timeout
            )
            return (0..<result.rowCount).map { row in
                let key = RowKey(
                    hash: result.integer(row, 0) ?? 0,
                    texts: (0..<keyCount).map { result.text(row, 3 + $0) ?? "" }
                )
                return (key, RowState(hashes: result.integer(row, 1) ?? 0, version: result.integer(row, 2)))
            }
        }
    }

    /// What these keys hold now.
    func states(_ keys: [RowKey]) async throws(CompareError) -> [RowKey: RowState] {
        let statement = sql.lookup(sql.stateValues)
        let parameters = parameters(keys)
        return try await session.perform { connection throws(PostgresError) in
            let result = try connection.execute(statement, parameters, deadline: Self.timeout)
            var states: [RowKey: RowState] = [:]
            for row in 0..<result.rowCount {
                let key = keys[Int(result.integer(row, 0) ?? 1) - 1]
                let state = RowState(hashes: result.integer(row, 1) ?? 0, version: result.integer(row, 2))
                states[key] =
                    states[key].map { known in
                        var sum = known
                        sum.add(state)
                        return sum
                    } ?? state
            }
            return states
        }
    }

    /// What these keys' rows hold, as literals.
    func literals(_ keys: [RowKey]) async throws(CompareError) -> [RowKey: RowLiterals] {
        let columns = sql.pairing.columns.map {
            "compared.\(quotedIdentifier($0.name))::text"
        }
        let statement = sql.lookup(columns)
        let parameters = parameters(keys)
        return try await session.perform { connection throws(PostgresError) in
            let result = try connection.execute(statement, parameters, deadline: Self.timeout)
            var rows: [RowKey: RowLiterals] = [:]
            for row in 0..<result.rowCount {
                let key = keys[Int(result.integer(row, 0) ?? 1) - 1]
                rows[key] = RowLiterals(
                    values: try columns.indices.map { place throws(PostgresError) in
                        try Self.literal(result.text(row, place + 1), connection.server)
                    }
                )
            }
            return rows
        }
    }

    /// Quoted here: what another server says is quoted would be its SQL in a script for this one.
    private static func literal(_ text: String?, _ server: String) throws(PostgresError) -> String {
        guard let text else { return "NULL" }
        do throws(UnquotableText) {
            return try quotedLiteral(text)
        } catch {
            throw PostgresError(code: .unexpected, message: error.reason, server: server)
        }
    }

    /// The keys as the arrays that `lookup` takes.
    func parameters(_ keys: [RowKey]) -> Parameters {
        var parameters = Parameters()
        guard !sql.pairing.key.isEmpty else {
            parameters.startArray(of: TypeOID.int8, array: TypeOID.int8Array, count: keys.count)
            for key in keys { parameters.element(key.hash) }
            parameters.finishArray()
            return parameters
        }
        for place in sql.pairing.key.indices {
            parameters.startArray(of: TypeOID.text, array: TypeOID.textArray, count: keys.count)
            for key in keys { parameters.element(key.texts[place]) }
            parameters.finishArray()
        }
        return parameters
    }
}
