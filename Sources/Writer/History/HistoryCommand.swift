import ArgumentParser
import Logging
import Shared

/// `writer history`: what a history says, and whether the database still holds it.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Summarises a history; with --check, compares it with the source.",
        discussion: """
            With --check, every acknowledged write must be in the source's leader, or written over by one that found
            it there. The lost ones are counted exactly, also after other writes to the same rows.
            """
    )

    @Argument(help: "The history file.")
    var file: String

    @Flag(help: "Compares with the source's tables; no writer may run meanwhile.")
    var check = false

    @Option(
        help: ArgumentHelp("For --check: the database. (default: $HANDOVER_SOURCE_URL)", valueName: "url")
    )
    var source: String?

    @Option(help: "The summary as text, or as JSON: one object, with --check a second one behind it.")
    var format = ReportFormat.text

    func run() async throws {
        bootstrapLogging(level: .notice)
        let target = check ? try resolve() : nil
        let (file, format) = (file, format)
        do throws(WriterError) {
            let isClean = try await withDedicatedThread { () throws(WriterError) in
                try HistoryReport(path: file, format: format, source: target).perform(printLine)
            }
            if !isClean { throw WriterError(.stopped, "the source does not hold what the history says") }
        } catch {
            throw error.report()
        }
    }

    private func resolve() throws -> Source {
        guard let url = source ?? environment("HANDOVER_SOURCE_URL") else {
            throw ValidationError("The source is not given: use --source or set HANDOVER_SOURCE_URL.")
        }
        do throws(PostgresError) {
            return try Source(url: url, timeout: .seconds(5))
        } catch {
            throw ValidationError("--source or HANDOVER_SOURCE_URL: \(error.message)")
        }
    }
}
