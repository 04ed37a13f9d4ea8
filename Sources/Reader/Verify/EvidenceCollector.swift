import Access
import Cluster
import Glibc
import History
import Evidence
import Kafka
import Model
import Postgres
import Slots
import Tables

/// Asks all parts for what a verdict needs; blocking, for a thread of its own.
///
/// Steps: read the topic to its end; read both tables; send a marker through every partition; wait for
/// the markers; read both tables again, now still; read the topic as far as the sink has come.
struct EvidenceCollector: Sendable {
    var settings: PipelineSettings
    var historyPath: String
    /// How long the markers may take.
    var timeout: Duration
    /// What is known of the forks before: the connector's stored offset, and whether a fork may lose.
    var forks: ForkKnowledge
    /// Told what is being done.
    var report: @Sendable (String) -> Void

    /// How long a part may be away before it counts as not reachable.
    private static let patience: Duration = .seconds(15)

    func collect() throws(PartError) -> Evidence {
        report("reading the history")
        let journal = try readJournal()
        if !journal.connector.filledGaps.isEmpty { try waitForSnapshot() }
        var reader = TableReader(table: settings.table)
        let unmatched = try matchColumns(&reader)
        report("reading topic \(settings.topic)")
        guard var auditor = try openTopic() else {
            let advice =
                "there is no topic \(settings.topic): register the source connector, then verify again"
            return try finish(
                reader,
                unmatched,
                TopicContent(topic: settings.topic),
                .impossible(advice)
            )
        }
        try auditor.audit(by: .after(.seconds(600)))
        let before = try readTables(reader)
        let plan = FencePlan.rows(
            auditor.content.partitionOfRow,
            source: before.source,
            destination: before.destination
        )
        guard !plan.isEmpty else {
            let advice =
                before.source.rows.isEmpty
                ? "table \(settings.table) is empty at the source: run `writer init`, then the load"
                : "topic \(settings.topic) has no record of a row that the source has: is the connector registered?"
            return try finish(reader, unmatched, auditor.content, .impossible(advice))
        }
        let highest = max(
            journal.highestToken,
            auditor.content.highestValue,
            before.highestValue
        )
        let shadow = WALShadow(end: max(auditor.content.highestLSN, forks.storedOffset ?? LSN(rawValue: 0)))
        let source = try connect(.source)
        let filled = try PartError.wrap(.source) { () throws(PostgresError) in try shadow.pass(source) }
        report("sending a marker through \(plan.count) partitions")
        guard let markers = try send(plan, reader, above: highest) else {
            let advice = "a row changes all the time: stop the writer, then verify again"
            return try finish(reader, unmatched, auditor.content, .impossible(advice))
        }
        let marked = try checksum(reader)
        let outcome = try waitFor(markers, &auditor, reader)
        var evidence = try finish(reader, unmatched, auditor.content, outcome, since: marked)
        // The comparison is of the destination as it is now, so the topic is read as far as that reaches.
        try auditor.audit(andBeyond: evidence.progress.mapValues(\.nextOffset), by: .after(.seconds(60)))
        evidence.topic = auditor.content
        evidence.fence.filledBytes = filled
        evidence.fence.rows = markers.map { marker in
            FencedRow(
                row: marker.row,
                partition: marker.partition,
                token: marker.fence.token,
                destinationBefore: before.destination.rows[marker.row]?.value,
                nextOffsetBefore: before.progress[marker.partition]?.nextOffset ?? 0
            )
        }
        return evidence
    }

    private func readJournal() throws(PartError) -> Journal {
        do throws(HistoryError) {
            let (lines, tornLineCount) = try HistoryReader.readAll(historyPath)
            var journal = Journal(lines)
            journal.tornLineCount = tornLineCount
            return journal
        } catch {
            throw PartError(.history, "\(error)")
        }
    }

    /// Waits until a snapshot that the guard asked for has come to its end.
    ///
    /// Until then rows that the stream has skipped are older in the destination, and would count as lost. Its end is
    /// after what is written now, where the connector's stored position has passed that and holds no open snapshot.
    private func waitForSnapshot() throws(PartError) {
        guard let connector = settings.connector, !settings.connect.isEmpty else { return }
        let source = try connect(.source)
        let answer = try PartError.wrap(.source) { () throws(PostgresError) in
            try source.execute("select pg_current_wal_lsn()", deadline: .after(Self.patience))
        }
        guard let written = answer.text(0, 0).flatMap({ LSN($0) }) else { return }
        report("waiting for the snapshot that the guard asked for")
        let connect = ConnectClient(settings.connect)
        let end = Deadline.after(timeout)
        while !end.hasPassed {
            let stored = try? waiting { () async throws(ClusterError) in
                try await connect.offsets(of: connector)
            }
            guard let stored, !stored.hasOpenSnapshot, let position = stored.furthest, position >= written
            else {
                usleep(500_000)
                continue
            }
            return
        }
        report("the snapshot did not end in time: rows that it has not read yet count as lost")
    }

    private func checksum(_ reader: TableReader) throws(PartError) -> String {
        let source = try connect(.source)
        return try PartError.wrap(.source) { () throws(PostgresError) in try reader.checksum(source) }
    }

    private func openTopic() throws(PartError) -> TopicAuditor? {
        do throws(KafkaError) {
            return try TopicAuditor.open(settings.brokers, topic: settings.topic)
        } catch {
            throw PartError(.broker, error.told)
        }
    }

    private func connect(_ part: PartError.Part) throws(PartError) -> Connection {
        try .open(
            part: part,
            part == .source ? settings.source : settings.destination,
            writable: part == .source,
            until: .after(Self.patience)
        )
    }

    /// Finds the columns that both sides have; returns those that only one has.
    private func matchColumns(
        _ reader: inout TableReader
    ) throws(PartError) -> (source: [String], destination: [String]) {
        let source = try connect(.source)
        let destination = try connect(.destination)
        let table = reader
        let atSource = try PartError.wrap(.source) { () throws(PostgresError) in try table.columns(source) }
        let atDestination = try PartError.wrap(.destination) { () throws(PostgresError) in
            try table.columns(destination)
        }
        let known: Set<ExactText> = [ExactText(TableName.keyColumn), ExactText(TableName.valueColumn)]
        reader.sharedColumns = names(atSource.intersection(atDestination).subtracting(known))
        return (
            names(atSource.subtracting(atDestination)), names(atDestination.subtracting(atSource))
        )
    }

    private func names(_ columns: Set<ExactText>) -> [String] { columns.map(\.text).sorted() }

    private func readTables(_ reader: TableReader) throws(PartError) -> Tables {
        // The destination first: what it holds then, the source must have held before.
        let destination = try connect(.destination)
        let progress = ProgressReader(settings)
        let (applied, position) = try PartError.wrap(.destination) { () throws(PostgresError) in
            try reader.read(destination) { connection throws(PostgresError) in try progress.read(connection) }
        }
        let source = try connect(.source)
        let (written, _) = try PartError.wrap(.source) { () throws(PostgresError) in
            try reader.read(source) { (_: borrowing Connection) in }
        }
        return Tables(source: written, destination: applied, progress: position)
    }

    private func send(
        _ plan: [Int32: RowID],
        _ reader: TableReader,
        above highest: Token
    ) throws(PartError) -> [Marker]? {
        let history: HistoryFile
        do throws(HistoryError) {
            history = try HistoryFile(appendingTo: historyPath)
        } catch {
            throw PartError(.history, "\(error)")
        }
        var writer = try FenceWriter(
            settings.source,
            reader,
            history: history,
            above: highest,
            deadline: .after(Self.patience)
        )
        var markers: [Marker] = []
        for (partition, row) in plan.sorted(by: { $0.key < $1.key }) {
            guard let fence = try writer.write(row) else { return nil }
            markers.append(Marker(row: row, partition: partition, fence: fence))
        }
        return markers
    }

    /// Waits until the markers are in the topic, then until they are in the destination.
    private func waitFor(
        _ markers: [Marker],
        _ auditor: inout TopicAuditor,
        _ reader: TableReader
    ) throws(PartError) -> FenceOutcome {
        let deadline = Deadline.after(timeout)
        let starts = auditor.content.partitions.mapValues(\.nextOffset)
        var wait = FenceWait(markers, sink: settings.sink)
        report("waiting for the markers in the topic")
        while !wait.missing.isEmpty {
            for marker in wait.missing {
                let start = starts[marker.partition] ?? 0
                guard let offset = auditor.offset(of: marker.fence.token, in: marker.partition, from: start)
                else { continue }
                wait.found(marker, at: offset)
            }
            if wait.missing.isEmpty { break }
            if deadline.hasPassed { return .stuckInCapture(partitions: wait.missing.map(\.partition)) }
            try auditor.follow(for: .milliseconds(100))
        }
        report("waiting for the markers in the destination")
        let connection = try connect(.destination)
        let progress = ProgressReader(settings)
        while true {
            let (content, position) = try PartError.wrap(.destination) { () throws(PostgresError) in
                try reader.read(connection) { connection throws(PostgresError) in
                    try progress.read(connection)
                }
            }
            let pending = wait.pending(
                values: content.rows.mapValues(\.value),
                progress: position,
                ends: auditor.content.partitions.mapValues(\.nextOffset)
            )
            if pending.isEmpty { return .passed(partitionCount: markers.count) }
            if deadline.hasPassed { return .stuckInApply(pending) }
            try auditor.follow(for: .milliseconds(200))
        }
    }

    /// Reads both sides for the comparison and puts the evidence together.
    ///
    /// `since` is the source's checksum after the markers, where there are any.
    private func finish(
        _ reader: TableReader,
        _ unmatched: (source: [String], destination: [String]),
        _ topic: TopicContent,
        _ fence: FenceOutcome,
        since: String? = nil
    ) throws(PartError) -> Evidence {
        report("comparing source and destination")
        let before: String
        if let since { before = since } else { before = try checksum(reader) }
        let journal = try readJournal()
        let open = journal.attempts.filter { $0.value.contains(where: \.isUnsettled) }.keys.sorted()
        let source = try connect(.source)
        try PartError.wrap(.source) { () throws(PostgresError) in try reader.awaitRows(open, source) }
        var tables = try readTables(reader)
        tables.source.unmatchedColumns = unmatched.source
        tables.destination.unmatchedColumns = unmatched.destination
        var forks = forks
        try PartError.wrap(.source) { () throws(PostgresError) in try forks.ask(source) }
        return Evidence(
            journal: journal,
            topic: topic,
            source: tables.source,
            destination: tables.destination,
            progress: tables.progress,
            fence: FenceEvidence(outcome: fence, sourceMoved: try checksum(reader) != before),
            forks: forks,
            slots: try PartError.wrap(.source) { () throws(PostgresError) in try SlotState.all(source) }
        )
    }
}

/// Both sides, each from one snapshot.
private struct Tables {
    var source: TableContent
    var destination: TableContent
    var progress: [Int32: SinkProgress]

    var highestValue: Token {
        [source, destination].flatMap { $0.rows.values.lazy.map(\.value) }.max() ?? 0
    }
}
