import Cluster
import Commands
import Files
import FoundationEssentials
import HTTPRequests
import Options
import Telemetry

struct ImportCommand: Command {
    static let description = CommandDescription(
        name: "import",
        abstract:
            "Takes over a JDBC sink connector of Kafka Connect: its configuration, and where it stands.",
        discussion: """
            The connector's configuration goes into a file that `run` takes, completed by what its worker gives it \
            (--worker); offsets are read, nothing is changed. Said is what has no effect here or is refused, whether the \
            connector still runs, and where each partition goes on. NAME may be left out where there is one such connector.

            Exit codes: 0 the file is there, and runs as it is; 1 it is there, and something in it must be changed first, or \
            the connector is none of a JDBC sink; 3 Kafka Connect cannot be asked; 64 wrong usage.
            """
    )

    @Argument(help: "Kafka Connect's REST interface, such as http://connect:8083.", valueName: "url")
    var connect: ServerURL

    @Argument(help: "The connector.", valueName: "name")
    var name: String?

    @Option(help: "The file to write; it must not be there yet.", valueName: "file")
    var into: String

    @Option(
        help: """
            The worker's own properties: where the brokers are, its converters, and what it gives to consumers and producers \
            stands there, and its REST interface does not tell.
            """,
        valueName: "file"
    )
    var worker: String?

    @Option(help: "The brokers, host:port with commas between them, instead of the worker's.")
    var bootstrap: String?

    @OptionGroup(title: "Access to Kafka Connect", environment: "HANDOVER_CONNECT_")
    var access: AccessOptions

    func run() async throws {
        guard !FileManager.default.fileExists(atPath: into) else {
            throw UsageError("\(into) is there already: name another file, or remove it")
        }
        let worker = try worker.map { try WorkerFile(path: $0) }
        let client = ConnectClient(
            RESTServers([HTTPBase(connect.url).url], credentials: try access.credentials()),
            timeout: .seconds(20)
        )
        let choice: ConnectorChoice
        do {
            choice = ConnectorChoice(name, among: try await client.connectors())
        } catch {
            throw Self.unanswered(error)
        }
        guard case .one(let name, let listed) = choice else {
            if case .none(let reason) = choice { printLine(reason) }
            throw ExitCode(1)
        }
        let offsets: StoredOffsets
        do {
            offsets = try await client.offsets(of: name)
        } catch {
            throw Self.unanswered(error)
        }
        let connector = ImportedConnector(name, listed, offsets, worker: worker, bootstrap: bootstrap)
        do {
            try PrivateFile.write(Array(try connector.document().utf8), to: into)
        } catch {
            printLine("\(into) cannot be written: \(error)")
            throw ExitCode(1)
        }
        var report = connector.report(from: connect.url)
        Self.look(at: into, &report)
        printText(report.description)
        guard report.exitCode == 0 else { throw ExitCode(report.exitCode) }
    }

    private static func unanswered(_ error: ClusterError) -> ExitCode {
        printLine("\(error). Is Kafka Connect 3.6 or later there?")
        return ExitCode(3)
    }

    /// What `run` would say to the file.
    private static func look(at file: String, _ report: inout CheckReport) {
        do throws(ConfigurationError) {
            let configuration = try SinkConfiguration(try ConnectorFile(path: file))
            for note in configuration.notes {
                report.add(.note, note.property, "no effect here: \(note.reason)")
            }
            report.add(.ok, "file", "\(file); next: sink check \(file), then sink run \(file)")
        } catch {
            for problem in error.problems {
                let value = problem.value.map { "= \"\($0)\": " } ?? ""
                report.add(.failure, problem.property, value + problem.reason)
            }
            report.add(.note, "file", "\(file): change it, then sink check \(file)")
        }
    }
}
