import Commands
import Kafka
import Model
import Postgres
import Telemetry
import Threading

struct ExplainCommand: Command {
    static let description = CommandDescription(
        name: "explain",
        abstract: "Prints the SQL that the sink would run for each table.",
        discussion: """
            The tables are read from the destination's catalog; nothing is changed there.

            Exit codes: 0 printed; 1 a table does not fit; 3 the destination cannot be reached; 64 wrong usage or \
            configuration.
            """
    )

    @Argument(help: "The connector's configuration.", valueName: "file")
    var file: String

    @Option(help: "Only this topic.")
    var topic: String?

    func run() async throws {
        let configuration = try SinkConfiguration.printingProblems(of: file)
        if let topic, !configuration.selection.includes(topic) {
            throw UsageError("\(topic) is not among the topics: \(configuration.selection)")
        }
        let (text, exitCode) = await withDedicatedThread { [topic] () -> (String, Int32) in
            if let topic { return Self.explain([topic], of: configuration) }
            do throws(KafkaError) {
                return Self.explain(try Self.topics(of: configuration), of: configuration)
            } catch {
                return (error.description.visible, error.isTransient ? 3 : 1)
            }
        }
        printText(text)
        guard exitCode == 0 else { throw ExitCode(exitCode) }
    }

    /// The topics; brokers are asked only where an expression chooses them.
    private static func topics(of configuration: SinkConfiguration) throws(KafkaError) -> [String] {
        guard configuration.selection.pattern != nil else { return configuration.topics }
        let consumer = try Consumer.open(properties: configuration.consumerProperties)
        return try BrokerCheck(configuration: configuration).topics(of: consumer)
    }

    private static func explain(
        _ topics: [String],
        of configuration: SinkConfiguration
    ) -> (text: String, exitCode: Int32) {
        var parts = [Explanation.progress(configuration.progressTable)]
        var exitCode: Int32 = 0
        do throws(PostgresError) {
            let connection = try Connection.open(configuration.destination, deadline: .after(.seconds(5)))
            let deadline = Deadline.after(.seconds(20))
            try connection.pin(.sink, deadline: deadline)
            for topic in topics {
                guard let name = configuration.tableName(forTopic: topic) else {
                    parts.append("-- topic \(topic): its records name their tables")
                    continue
                }
                let result = try TableCatalog.schema(
                    of: name,
                    modes: configuration.modes,
                    targets: configuration.targets,
                    on: connection,
                    deadline: deadline
                )
                switch result {
                case .success(let schema):
                    let text = Explanation.text(
                        topic: topic,
                        schema: schema,
                        modes: configuration.modes
                    )
                    parts.append(text)
                case .failure(.missingTable) where configuration.modes.evolution.createsTables:
                    do throws(UnquotableText) {
                        let modes = configuration.modes
                        parts.append(try Explanation.creation(topic: topic, table: name, modes: modes))
                    } catch {
                        parts.append("-- topic \(topic): \(error)".visible)
                        exitCode = 1
                    }
                case .failure(let error):
                    parts.append("-- topic \(topic): \(error)".visible)
                    exitCode = 1
                }
            }
        } catch {
            return (error.description.visible, error.isConnectionFailure ? 3 : 1)
        }
        return (parts.joined(separator: "\n\n"), exitCode)
    }
}
