import Commands
import Files
import FoundationEssentials
import Telemetry

struct PropertiesCommand: Command {
    static let description = CommandDescription(
        name: "properties",
        abstract: "Prints every property that is known, with what it does here.",
        discussion: """
            The text is Markdown: the tables of docs/configuration.md.

            Exit codes: 0 printed; 64 wrong usage, or a file without the marks between which the tables stand.
            """
    )

    @Option(
        help: "Write the tables into this file, between its two marks.",
        valueName: "file"
    )
    var into: String?

    func run() throws {
        guard let into else { return printText(PropertyReference.markdown) }
        let place = URL(filePath: into)
        do {
            let former = try String(contentsOf: place, encoding: .utf8)
            guard let text = PropertyReference.updated(former) else {
                throw UsageError(
                    "\(into) lacks the line \(PropertyReference.start) or \(PropertyReference.end)"
                )
            }
            try text.write(to: place, atomically: true, encoding: .utf8)
        } catch let error as UsageError {
            throw error
        } catch {
            throw UsageError("\(into): \(FileProblem(error))")
        }
    }
}
