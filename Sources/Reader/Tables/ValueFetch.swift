import Model
package import Postgres

/// Fetches what some of one side's rows hold; the one place that decides how much of the table is read.
package struct ValueFetch: Sendable {
    /// A poll that takes longer than this counts as a lost server.
    package static let timeout: Duration = .seconds(5)

    let table: TableName

    package init(table: TableName) {
        self.table = table
    }

    private var key: String { quotedIdentifier(TableName.keyColumn) }
    private var value: String { quotedIdentifier(TableName.valueColumn) }

    /// How a part of the table looks to one side.
    package struct Digest: Sendable, Equatable {
        package var rowCount: Int64
        package var hash: Int64
    }

    /// Plans the statements once, for a session that asks often.
    ///
    /// - Throws: `PostgresError`, also when there is no such table.
    package func prepare(_ connection: borrowing Connection) throws(PostgresError) {
        let statements: [(String, String, [UInt32])] = [
            (
                "rows", "select \(key), \(value) from \(table.quoted) where \(key) = any($1)",
                [TypeOID.int8Array]
            ),
            (
                "range",
                "select \(key), \(value) from \(table.quoted) where \(key) > $1 and \(key) <= $2 order by \(key) limit $3",
                [TypeOID.int8, TypeOID.int8, TypeOID.int8]
            ),
            (
                // The key is the hash's seed, so two rows that exchange their values are seen; an exclusive or of
                // rows that all have different keys loses nothing. The time is that of this statement on the server.
                "digest",
                """
                select count(*), coalesce(bit_xor(hashint8extended(\(value), \(key))), 0),
                    (extract(epoch from clock_timestamp() - statement_timestamp()) * 1e9)::int8
                from \(table.quoted) where \(key) > $1 and \(key) <= $2
                """,
                [TypeOID.int8, TypeOID.int8]
            ),
            (
                "bounds",
                """
                select count(*), max(\(key)) from (
                    select \(key) from \(table.quoted) where \(key) > $1 order by \(key) limit $2
                ) part
                """,
                [TypeOID.int8, TypeOID.int8]
            ),
        ]
        for (name, sql, types) in statements {
            try connection.prepare(name, sql, types: types, deadline: .after(Self.timeout))
        }
    }

    /// The values of some rows.
    package func values(of ids: [Int64], _ connection: borrowing Connection) throws(PostgresError) -> [Int64:
        Int64]
    {
        guard !ids.isEmpty else { return [:] }
        var parameters = Parameters()
        parameters.startArray(of: TypeOID.int8, array: TypeOID.int8Array, count: ids.count)
        for id in ids { parameters.element(id) }
        parameters.finishArray()
        return Self.values(
            try connection.execute(prepared: "rows", parameters, deadline: .after(Self.timeout))
        )
    }

    /// The values of the first `limit` rows with keys in `low<..high`.
    package func values(
        above low: Int64,
        through high: Int64,
        limit: Int,
        _ connection: borrowing Connection
    ) throws(PostgresError) -> [Int64: Int64] {
        var parameters = Parameters()
        for bound in [low, high, Int64(limit)] { parameters.append(bound) }
        return Self.values(
            try connection.execute(prepared: "range", parameters, deadline: .after(Self.timeout))
        )
    }

    /// Number and hash of the rows with keys in `low<..high`, and how many nanoseconds the server took.
    package func digest(
        above low: Int64,
        through high: Int64,
        _ connection: borrowing Connection
    ) throws(PostgresError) -> (digest: Digest, busy: UInt64) {
        var parameters = Parameters()
        for bound in [low, high] { parameters.append(bound) }
        let result = try connection.execute(
            prepared: "digest",
            parameters,
            deadline: .after(Self.timeout)
        )
        let digest = Digest(rowCount: result.integer(0, 0) ?? 0, hash: result.integer(0, 1) ?? 0)
        return (digest, UInt64(max(0, result.integer(0, 2) ?? 0)))
    }

    /// The key of the `limit`th row above `low`; `nil` where there are fewer.
    package func bound(
        above low: Int64,
        limit: Int,
        _ connection: borrowing Connection
    ) throws(PostgresError) -> Int64? {
        var parameters = Parameters()
        for bound in [low, Int64(limit)] { parameters.append(bound) }
        let result = try connection.execute(
            prepared: "bounds",
            parameters,
            deadline: .after(Self.timeout)
        )
        return result.integer(0, 0) ?? 0 < Int64(limit) ? nil : result.integer(0, 1)
    }

    private static func values(_ result: borrowing QueryResult) -> [Int64: Int64] {
        var values: [Int64: Int64] = [:]
        values.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            guard let id = result.integer(row, 0), let value = result.integer(row, 1) else { continue }
            values[id] = value
        }
        return values
    }
}
