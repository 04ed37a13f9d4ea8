import ArgumentParser
import Glibc
import Shared

/// `reader compare`.
struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
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

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Option(help: "Source database, through HAProxy's leader port (HANDOVER_SOURCE_URL).")
    var source: String?

    @Option(help: "Destination database (HANDOVER_DESTINATION_URL).")
    var destination: String?

    @Option(help: "The table, with or without its schema.")
    var table = "debezium_table"

    @Option(help: "The destination's table, where it has another name.")
    var destinationTable: String?

    @Option(
        help: "Columns of the key, with commas between them; default: the primary key's, or a unique index's."
    )
    var key: String?

    @Option(
        help: "A column that grows with each version of a row; default: current_value, where both have it."
    )
    var versionColumn: String?

    @Option(help: "History file of the writer's run, to tell foreign versions.")
    var history: String?

    @Option(help: "How long a difference must last at least, such as 2s.")
    var settle: Interval = Interval(.seconds(2))

    @Option(help: "How long to wait for rows that still change.")
    var patience: Interval = Interval(.seconds(60))

    @Option(help: "Stop at so many rows that differ.")
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

    @Flag(name: .shortAndLong, help: "Print the first line only, and no progress.")
    var quiet = false

    func validate() throws {
        do throws(CompareError) {
            _ = try settings(attempted: nil)
        } catch {
            throw ValidationError(error.description)
        }
        guard limit > 0 else { throw ValidationError("--limit \(limit): must be 1 or more") }
    }

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
        case .json: printLine(result.json())
        case .text: for line in text(result) { printLine(line) }
        }
        if result.exitCode != 0 { throw ExitCode(result.exitCode) }
    }

    /// The report; with `--repair print` a script, in which everything but the statements is a comment.
    private func text(_ result: ComparisonResult) -> [String] {
        let report = [result.firstLine] + (quiet ? [] : result.lines())
        guard repair == .print else { return report }
        // A key's text may hold line breaks.
        let comments = report.flatMap { $0.split(whereSeparator: \.isNewline).map { "-- \($0)" } }
        return comments + result.statements
    }

    private func settings(attempted: [Int64: Set<Int64>]?) throws(CompareError) -> CompareSettings {
        CompareSettings(
            source: try connection(source, "--source", "HANDOVER_SOURCE_URL"),
            destination: try connection(destination, "--destination", "HANDOVER_DESTINATION_URL"),
            sourceTable: TableName(table),
            destinationTable: TableName(destinationTable ?? table),
            keyNames: (key ?? "").split(separator: ",").map(String.init),
            versionName: versionColumn,
            attempted: attempted,
            grace: settle.nanoseconds,
            patience: patience.nanoseconds,
            limit: limit,
            repair: repair,
            isQuiet: quiet
        )
    }

    private func connection(
        _ value: String?,
        _ option: String,
        _ variable: String
    ) throws(CompareError) -> ConnectionOptions {
        let text = value ?? getenv(variable).map { String(cString: $0) } ?? ""
        guard !text.isEmpty else {
            throw CompareError(.usage, "give \(option), or set \(variable) (`lab/lab env` prints it)")
        }
        do throws(PostgresError) {
            return try ConnectionOptions(text).failingFast(as: "reader")
        } catch {
            throw CompareError(.usage, "\(option) / \(variable): \(error.message)")
        }
    }

    private func readHistory() throws(CompareError) -> [Int64: Set<Int64>]? {
        guard let history else { return nil }
        do throws(HistoryError) {
            let journal = Journal(try HistoryReader.readAll(history).0)
            var attempted: [Int64: Set<Int64>] = [:]
            for (id, attempts) in journal.attempts { attempted[id] = Set(attempts.map(\.token)) }
            for (id, fences) in journal.fences { attempted[id, default: []].formUnion(fences.map(\.token)) }
            return attempted
        } catch {
            throw CompareError(.undecided, "\(error)")
        }
    }
}

extension RepairMode: ExpressibleByArgument {}
