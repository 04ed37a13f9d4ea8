import Commands
import Model
import Telemetry
import Threading

struct CheckCommand: Command {
    static let description = CommandDescription(
        name: "check",
        abstract: "Says what is wrong with a file, and whether brokers, registry and destination fit it.",
        discussion: """
            Nothing is changed anywhere: no group is joined, no record read, no table made.

            Exit codes: 0 everything fits; 1 something does not fit; 3 brokers, registry or destination cannot \
            be reached; 64 wrong usage or configuration.
            """
    )

    @Argument(help: "The connector's configuration.", valueName: "file")
    var file: String

    @Flag(help: "Look at the file only, and ask neither brokers nor destination.")
    var offline = false

    func run() async throws {
        let configuration = try SinkConfiguration.printingProblems(of: file)
        var report = CheckReport()
        report.add(.ok, "configuration", "\(configuration.name) from \(file)")
        for note in configuration.notes {
            report.add(.note, note.property, "no effect here: \(note.reason)")
        }
        if !offline {
            report = await withDedicatedThread { [report] in
                var report = report
                let marks = BrokerCheck(configuration: configuration).run(into: &report)
                let topics = marks.map { Set($0.keys.map(\.topic)).sorted() } ?? []
                DestinationCheck(
                    configuration: configuration,
                    topics: configuration.selection.pattern == nil ? configuration.topics : topics,
                    marks: marks
                ).run(into: &report)
                return report
            }
            await RegistryCheck.run(configuration.converters, into: &report)
        }
        printText(report.description)
        guard report.exitCode == 0 else { throw ExitCode(report.exitCode) }
    }
}
