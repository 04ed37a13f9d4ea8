import Commands
import Logs
import Postgres
import Telemetry
import Threading

/// `writer history`: what a history says, and whether the database still holds it.
struct HistoryCommand: Command {
    static let description = CommandDescription(
        name: "history",
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

    @Option(environment: "HANDOVER_SOURCE_URL", help: "For --check: the database.", valueName: "url")
    var source: ConnectionOptions?

    @Option(help: "The summary as text, or as JSON: one object, with --check a second one after it.")
    var format = ReportFormat.text

    func check(_ problems: inout Problems) {
        problems.unless(
            !check || source != nil,
            "The source is not given: use --source or set HANDOVER_SOURCE_URL."
        )
    }

    func run() async throws {
        bootstrapLogging(level: .notice)
        let target = check ? source.map { Source($0, timeout: .seconds(5)) } : nil
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
}
