import ArgumentParser
import Shared

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Prints the SQL that the sink would run for each table.",
        discussion: """
            The tables are read from the destination's catalog; nothing is changed there.

            Exit codes: 0 printed; 1 a table does not fit; 3 the destination cannot be reached; 64 wrong usage or \
            configuration.
            """
    )

    @Argument(help: ArgumentHelp("The connector's configuration.", valueName: "file"))
    var file: String

    @Option(help: "Only this topic.")
    var topic: String?

    func run() async throws {
        let configuration = try SinkConfiguration.printingProblems(of: file)
        if let topic, !configuration.topics.contains(topic) {
            throw ValidationError(
                "\(topic) is not among topics: \(configuration.topics.joined(separator: ", "))"
            )
        }
        let topics = topic.map { [$0] } ?? configuration.topics
        let (text, exitCode) = await withDedicatedThread { Self.explain(topics, of: configuration) }
        print(text)
        guard exitCode == 0 else { throw ExitCode(exitCode) }
    }

    private static func explain(
        _ topics: [String],
        of configuration: SinkConfiguration
    ) -> (text: String, exitCode: Int32) {
        var parts = [Explanation.progress]
        var exitCode: Int32 = 0
        do throws(PostgresError) {
            let connection = try Connection.open(configuration.destination, deadline: .after(.seconds(5)))
            let deadline = Deadline.after(.seconds(20))
            for topic in topics {
                let result = try TableCatalog.schema(
                    of: configuration.tableName(forTopic: topic),
                    keyFields: configuration.modes.keyFields,
                    requirement: configuration.modes.keyRequirement,
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
                case .failure(.missingTable(let name)) where configuration.modes.evolution.createsTables:
                    parts.append(
                        Explanation.creation(topic: topic, table: name, modes: configuration.modes)
                    )
                case .failure(let error):
                    parts.append("-- topic \(topic): \(error)")
                    exitCode = 1
                }
            }
        } catch {
            return (error.description, error.isConnectionFailure ? 3 : 1)
        }
        return (parts.joined(separator: "\n\n"), exitCode)
    }
}
