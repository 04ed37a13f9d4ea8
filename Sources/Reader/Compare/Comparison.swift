package import Evidence
import Model
package import Postgres

/// What is to be compared, and how.
package struct CompareSettings: Sendable {
    var source: ConnectionOptions
    var destination: ConnectionOptions
    var sourceTable: TableName
    var destinationTable: TableName
    var keyNames: [String] = []
    var versionName: String?
    /// Versions that the writer tried to write, by key; `nil` without a history.
    var attempted: RowTokens?
    /// Nanoseconds that a difference must last at least.
    var grace: UInt64
    /// Nanoseconds after which rows that still move are given up on.
    var patience: UInt64
    var limit: Int
    var repair: RepairMode
    var isQuiet: Bool

    package init(
        source: ConnectionOptions,
        destination: ConnectionOptions,
        sourceTable: TableName,
        destinationTable: TableName,
        keyNames: [String] = [],
        versionName: String? = nil,
        attempted: RowTokens? = nil,
        grace: UInt64,
        patience: UInt64,
        limit: Int,
        repair: RepairMode,
        isQuiet: Bool
    ) {
        (self.source, self.destination) = (source, destination)
        (self.sourceTable, self.destinationTable) = (sourceTable, destinationTable)
        (self.keyNames, self.versionName, self.attempted) = (keyNames, versionName, attempted)
        (self.grace, self.patience, self.limit) = (grace, patience, limit)
        (self.repair, self.isQuiet) = (repair, isQuiet)
    }
}

/// What to do about differences.
package enum RepairMode: String, Sendable, CaseIterable {
    case none, print, touch
}

/// One comparison from the tables' descriptions to the rows that differ.
package struct Comparison: Sendable {
    let settings: CompareSettings
    private let source: SideSession
    private let destination: SideSession

    package init(_ settings: CompareSettings) {
        self.settings = settings
        source = SideSession(.source, settings.source)
        destination = SideSession(.destination, settings.destination)
    }

    /// Compares both tables.
    ///
    /// - Throws: `CompareError`.
    package func run() async throws(CompareError) -> ComparisonResult {
        async let first: Void = source.serve()
        async let second: Void = destination.serve()
        let result: Result<ComparisonResult, CompareError>
        do throws(CompareError) {
            result = .success(try await compare())
        } catch {
            result = .failure(error)
        }
        source.end()
        destination.end()
        _ = await (first, second)
        return try result.get()
    }

    private func compare() async throws(CompareError) -> ComparisonResult {
        async let one = Self.describe(settings.sourceTable, source)
        async let other = Self.describe(settings.destinationTable, destination)
        // A typed throw does not survive `async let`.
        let (here, there): (Described, Described)
        do { (here, there) = (try await one, try await other) } catch {
            throw error as? CompareError ?? CompareError(.undecided, "\(error)")
        }
        guard here.probe == there.probe else {
            throw CompareError(
                .undecided,
                "the servers hash the same values differently: \(here.probe), \(there.probe)"
            )
        }
        let pairing = try ColumnPairing(
            here.table,
            there.table,
            keyNames: settings.keyNames,
            versionName: settings.versionName
        )
        guard settings.repair == .none || !pairing.key.isEmpty else {
            throw CompareError(.usage, "--repair needs a key: neither table has one; name it with --key")
        }
        let buckets = try await divide(here.table, there.table, pairing)
        let scans = (
            source: TableScan(
                session: source,
                sql: ComparisonSQL(side: .source, table: here.table.name, pairing: pairing, buckets: buckets),
                blockCount: here.table.blockCount
            ),
            destination: TableScan(
                session: destination,
                sql: ComparisonSQL(
                    side: .destination,
                    table: there.table.name,
                    pairing: pairing,
                    buckets: buckets
                ),
                blockCount: there.table.blockCount
            )
        )
        var result = ComparisonResult(pairing: pairing, limit: settings.limit)
        let suspects = try await descend(scans.source, scans.destination, &result)
        for session in [source, destination] {
            try await session.perform { connection throws(PostgresError) in
                try connection.execute("commit", deadline: .after(.seconds(30)))
            }
        }
        let settling = Settling(source: scans.source, destination: scans.destination, settings: settings)
        try await settling.settle(suspects, &result)
        let repair = Repair(source: scans.source, destination: scans.destination, settling: settling)
        switch settings.repair {
        case .none: break
        case .print: result.statements = try await repair.statements(result.differences)
        case .touch: try await repair.touch(&result)
        }
        return result
    }

    private struct Described: Sendable {
        var table: TableDescription
        /// The hashes of a few constants, one of each kind that columns are hashed as.
        var probe: String
    }

    /// Describes the table and begins the snapshot that everything up to the suspects is read in.
    private static func describe(
        _ table: TableName,
        _ session: SideSession
    ) async throws(CompareError) -> Described {
        try await session.perform { connection throws(PostgresError) in
            try connection.pin(.comparison, deadline: .after(.seconds(30)))
            let description = try TableDescription.read(table, connection)
            try connection.execute(
                "begin isolation level repeatable read read only",
                deadline: .after(.seconds(30))
            )
            // Hash functions depend on the processor's byte order, and may change with a version.
            let probe = try connection.execute(
                """
                select hashtextextended(hash_record_extended(row(true, 1::int2, 2, 3::int8, 4.50::numeric,
                    date '2020-02-29', timestamp '2020-02-29 12:00', timestamptz '2020-02-29 12:00+00',
                    time '12:00', bytea '\\x00ff', uuid '00112233-4455-6677-8899-aabbccddeeff',
                    'handover'::text collate "C", float8send(1.5)), 0)::text collate "C", 0)
                """,
                deadline: .after(.seconds(30))
            )
            return Described(table: description, probe: probe.text(0, 0) ?? "")
        }
    }

    private func divide(
        _ here: TableDescription,
        _ there: TableDescription,
        _ pairing: ColumnPairing
    ) async throws(CompareError) -> KeyBuckets {
        let blocks = max(here.blockCount ?? 100_000, there.blockCount ?? 100_000)
        let count = KeyBuckets.count(forBlocks: blocks)
        guard pairing.key.count == 1, let type = pairing.key[0].rangeType, let size = here.blockCount,
            count > 1
        else { return .hashes(count: count) }
        let statement = ComparisonSQL.bounds(
            here.name,
            key: pairing.key[0],
            count: count,
            percent: min(100, 400_000 / Double(max(size, 1)))
        )
        let bounds = try await source.perform { connection throws(PostgresError) in
            try connection.execute(statement, deadline: TableScan.timeout).text(0, 0) ?? "{}"
        }
        // Integers and uuids: an array's text has no quotes in it.
        var distinct: [String] = []
        for part in bounds.utf8.dropFirst().dropLast().split(separator: UInt8(ascii: ",")) {
            let bound = String(decoding: part, as: UTF8.self)
            // It becomes part of statements for both servers.
            guard bound.utf8.allSatisfy({ Self.isBoundByte($0) }) else { return .hashes(count: count) }
            if distinct.last != bound { distinct.append(bound) }
        }
        return distinct.isEmpty ? .hashes(count: count) : .ranges(type: type, bounds: distinct)
    }

    /// Digits and letters of integers and uuids.
    private static func isBoundByte(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x61...0x66 ~= byte || byte == UInt8(ascii: "-")
    }

    /// Hashes both sides at the same time, and reads the rows of the buckets that differ.
    private func descend(
        _ source: TableScan,
        _ destination: TableScan,
        _ result: inout ComparisonResult
    ) async throws(CompareError) -> [Suspect] {
        let progress = ScanProgress(isQuiet: settings.isQuiet)
        async let one = source.sums(progress)
        async let other = destination.sums(progress)
        let (here, there): (BucketSums, BucketSums)
        do { (here, there) = (try await one, try await other) } catch {
            throw error as? CompareError ?? CompareError(.undecided, "\(error)")
        }
        progress.clear()
        result.sourceRowCount = here.rowCount
        result.destinationRowCount = there.rowCount
        let buckets = here.different(from: there)
        guard !buckets.isEmpty else { return [] }
        var merge = RowMerge()
        var isOpen = false
        while !merge.wanting.isEmpty, merge.suspects.count < settings.limit {
            let wanted = merge.wanting
            let start: [Int]? = isOpen ? nil : buckets
            async let one = wanted.contains(.source) ? source.next(openedAt: start) : []
            async let other = wanted.contains(.destination) ? destination.next(openedAt: start) : []
            do {
                let (here, there) = (try await one, try await other)
                if wanted.contains(.source) { merge.take(here, from: .source) }
                if wanted.contains(.destination) { merge.take(there, from: .destination) }
            } catch {
                throw error as? CompareError ?? CompareError(.undecided, "\(error)")
            }
            isOpen = true
        }
        result.wasCut = !merge.wanting.isEmpty || merge.suspects.count > settings.limit
        return Array(merge.suspects.prefix(settings.limit))
    }
}
