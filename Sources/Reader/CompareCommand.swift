import Access
import Commands
import Compare
import History
import Evidence
import Model
import Options
import Postgres
import Telemetry

/// `reader compare`.
struct CompareCommand: Command {
    static let description = CommandDescription(
        name: "compare",
        abstract: "Compare a table of the source with one of the destination, also while the pipeline runs.",
        discussion: """
            Both servers hash their rows in ranges of the key, each in one snapshot; only ranges that differ \
            are read row by row. Rows that differ are read again until nothing has arrived for three times as \
            long as the slowest of them took, --settle at least. What is left is:

            missing    only at the source
            extra      only at the destination
            behind     the destination has an older version (--version-column)
            ahead      the destination has a newer version than the source
            foreign    the destination has a version that the history's writer never tried to write
            different  other content

            The first line is EQUAL: …, DIFFERENT: … or INCONCLUSIVE: … . Exit codes: 0 equal, 1 different, \
            2 can't say, 3 a server can't be reached, 64 usage.
            """
    )

    enum Format: String, OptionValue, CaseIterable {
        case text, json
    }

    @OptionGroup var sides: SideOptions

    @OptionGroup var tables: ComparedTables

    @Option(help: "History file of the writer's run, to tell foreign versions.", valueName: "file")
    var history: String?

    @Option(help: "How long a difference must last at least, such as 2s.")
    var settle = Duration.seconds(2)

    @Option(help: "How long to wait for rows that still change.")
    var patience = Duration.seconds(60)

    @Option(help: "Stop at so many rows that differ.", valid: .atLeast(1))
    var limit = 1_000

    @Option(help: "text or json.")
    var format: Format = .text

    @Option(
        help: """
            none; print: SQL for the destination, each statement conditional on the row that was seen; touch: \
            write the source's rows once more, so that the pipeline repairs them.
            """
    )
    var repair: RepairMode = .none

    @Flag(short: "q", help: "Print the first line only, and no progress.")
    var quiet = false

    func run() async throws {
        let result: ComparisonResult
        do throws(CompareError) {
            let attempted = try readHistory()
            result = try await Comparison(try settings(attempted: attempted)).run()
        } catch {
            printLine("INCONCLUSIVE: \(error)")
            throw ExitCode(error.exitCode)
        }
        switch format {
        case .json: printJSON(result.json())
        case .text: for line in text(result) { printText(line) }
        }
        if result.exitCode != 0 { throw ExitCode(result.exitCode) }
    }

    /// The report; with `--repair print` a script, in which everything but the statements is a comment.
    private func text(_ result: ComparisonResult) -> [String] {
        let report = [result.firstLine] + (quiet ? [] : result.lines())
        guard repair == .print else { return report.map(\.visible) }
        // A key's text may hold line breaks.
        let comments = report.flatMap { $0.parts(at: "\n").map { "-- \($0.visible)" } }
        return comments + result.statements
    }

    private static func name(_ table: String) throws(CompareError) -> TableName {
        do throws(UnquotableText) {
            return try TableName(table)
        } catch {
            throw CompareError(.usage, error.reason)
        }
    }

    private func settings(attempted: RowTokens?) throws(CompareError) -> CompareSettings {
        CompareSettings(
            source: sides.source.failingFast(as: "reader"),
            destination: sides.destination.failingFast(as: "reader"),
            sourceTable: try Self.name(tables.table),
            destinationTable: try Self.name(tables.destinationTable ?? tables.table),
            keyNames: tables.key?.names ?? [],
            versionName: tables.versionColumn,
            attempted: attempted,
            grace: settle.nanoseconds,
            patience: patience.nanoseconds,
            limit: limit,
            repair: repair,
            isQuiet: quiet
        )
    }

    private func readHistory() throws(CompareError) -> RowTokens? {
        guard let history else { return nil }
        do throws(HistoryError) {
            let journal = Journal(try HistoryReader.readAll(history).0)
            var attempted = RowTokens()
            for (row, attempts) in journal.table.attempts { attempted.insert(attempts.map(\.token), of: row) }
            for (row, fences) in journal.table.fences { attempted.insert(fences.map(\.token), of: row) }
            return attempted
        } catch {
            throw CompareError(.undecided, "\(error)")
        }
    }
}

/// Which tables are compared, by what.
struct ComparedTables: Options {
    @Option(help: "The table, with or without its schema.")
    var table = "debezium_table"

    @Option(help: "The destination's table, where it has another name.")
    var destinationTable: String?

    @Option(
        help: "Columns of the key, with commas between them; default: the primary key's, or a unique index's."
    )
    var key: NameList?

    @Option(
        help: "A column that grows with each version of a row; default: current_value, where both have it."
    )
    var versionColumn: String?
}

extension RepairMode: OptionValue {}
