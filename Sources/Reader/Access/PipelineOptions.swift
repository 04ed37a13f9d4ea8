package import Commands
import Options
import Postgres

/// Where the parts of the pipeline are: options with the environment as their default.
package struct PipelineOptions: Options {
    @OptionGroup var sides: SideOptions

    @OptionGroup var kafka: KafkaOptions

    @Option(environment: "HANDOVER_TOPIC", help: "The table's topic.")
    var topic: String

    @Option(help: "The sink's name in sink_progress.")
    var sink = "sink-connector"

    @Option(help: "The schema of the sink's own tables: its control.schema.", valueName: "schema")
    var controlSchema = ControlTable.defaultSchema

    @Option(environment: "HANDOVER_HISTORY", help: "History file of the run.", valueName: "file")
    package var history: String?

    @Option(
        environment: "HANDOVER_PATRONI_URLS",
        help: "Patroni's REST interfaces, with commas between them."
    )
    var patroni: URLList?

    @Option(
        environment: "HANDOVER_CONNECT_URLS",
        help: "Kafka Connect's REST interfaces, with commas between them."
    )
    var connect: URLList?

    @Option(environment: "HANDOVER_CONNECTOR", help: "Name of the source connector.")
    var connector: String?

    @Option(help: "The table, with or without its schema (public), the same on both sides.")
    var table = "debezium_table"

    @OptionGroup var servers: ServerAccess

    package init() {}

    /// The options as the commands use them.
    ///
    /// - Throws: `UsageError` when a secret's file can't be read any more, or the table's name can't be one.
    package func settings() throws -> PipelineSettings {
        let name: TableName
        do throws(UnquotableText) {
            name = try TableName(table)
        } catch {
            throw UsageError("--table: \(error)")
        }
        return PipelineSettings(
            source: sides.source.failingFast(as: "reader"),
            destination: sides.destination.failingFast(as: "reader"),
            brokers: try kafka.brokers(),
            topic: topic,
            sink: sink,
            progress: ControlTable(schema: controlSchema, name: ControlTable.progressName),
            history: history,
            patroni: try servers.patroni(patroni),
            connect: try servers.connect(connect),
            connector: connector,
            table: name.inPublic
        )
    }
}

/// What is said of a file that is not given.
package enum HistoryOption {
    package static let isMissing = "give --history, or set HANDOVER_HISTORY (`lab/lab env` prints it)"
}
