import Commands
import Model

/// For the developers of the sink: everything between librdkafka's bytes and libpq's, without either.
///
/// What it costs is measured from outside: `benchmarks/instructions` counts instructions, a profiler finds where they
/// go. The first round warms up, so the cost of `--rounds 2` minus that of `--rounds 1` is that of one round.
struct MeasureCommand: Command {
    static let description = CommandDescription(
        name: "measure",
        abstract: "Decodes, folds and encodes recorded records, in memory.",
        isHidden: true
    )

    @Argument(help: "The recorded records.", valueName: "file")
    var file: String

    @Option(help: "How often all records are taken.", valid: .atLeast(1))
    var rounds = 1

    @Option(help: "Records in a batch.", valid: .atLeast(1))
    var batchSize = 5_000

    @Option(help: "A connector's file: its transforms are run.", valueName: "file")
    var transforms: String?

    func run() throws {
        let recording: Recording
        do throws(Recording.Failure) {
            recording = try Recording(path: file)
        } catch {
            throw UsageError(error.description)
        }
        var measured = MeasuredPath(
            recording.schema,
            schemas: recording.schemas,
            batchSize: batchSize,
            chain: try chain()
        )
        let begin = Moment.monotonicNow()
        for _ in 0..<rounds { try measured.round(recording) }
        let seconds = Double(Moment.monotonicNow() - begin) / 1_000_000_000
        print(
            "\(rounds * recording.records.count) events, \(measured.statementCount) statements, "
                + "\(measured.byteCount) bytes, \(seconds) s"
        )
    }

    private func chain() throws -> TransformChain? {
        guard let transforms else { return nil }
        let file = try ConnectorFile(path: transforms)
        var reader = PropertyReader(
            file.properties.filter { $0.key.begins(with: "transforms") || $0.key.begins(with: "predicates") }
        )
        let chain = reader.transformChain(deletesRows: false)
        let problems = reader.finish()
        guard problems.isEmpty else { throw ConfigurationError(file: file.path, problems: problems) }
        return chain
    }
}
