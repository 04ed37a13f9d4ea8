import Commands
import Logs
import Telemetry
import Threading

/// `writer init`: makes the table and its rows.
struct InitCommand: Command {
    static let description = CommandDescription(
        name: "init",
        abstract: "Makes the table and the rows that are missing; changes nothing that is there."
    )

    @OptionGroup var source: SourceArguments

    @Option(help: "Whose table: update, mixed, transfer, outbox or wide.")
    var workload = Workload.update

    func run() async throws {
        bootstrapLogging(level: .notice)
        let target = source.database
        let (rows, workload) = (source.rows, workload)
        do throws(WriterError) {
            try await withDedicatedThread { () throws(WriterError) in
                try TableSetup(source: target, workload: workload, rowCount: rows).perform(printLine)
            }
        } catch {
            throw error.report()
        }
    }
}
