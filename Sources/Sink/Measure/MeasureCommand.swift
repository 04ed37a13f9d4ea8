import ArgumentParser
import Shared

/// For the developers of the sink: everything between librdkafka's bytes and libpq's, without either.
///
/// What it costs is measured from outside: `benchmarks/instructions` counts instructions, a profiler finds where they
/// go. The first round warms up, so the cost of `--rounds 2` minus that of `--rounds 1` is that of one round.
struct MeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Decodes, folds and encodes recorded records, in memory.",
        shouldDisplay: false
    )

    @Argument(help: ArgumentHelp("The recorded records.", valueName: "file"))
    var file: String

    @Option(help: "How often all records are taken.")
    var rounds = 1

    @Option(help: "Records in a batch.")
    var batchSize = 5_000

    func validate() throws {
        guard rounds > 0, batchSize > 0 else { throw ValidationError("rounds and batch size begin at 1") }
    }

    func run() throws {
        let recording: Recording
        do throws(Recording.Failure) {
            recording = try Recording(path: file)
        } catch {
            throw ValidationError(error.description)
        }
        var measured = MeasuredPath(recording.schema, batchSize: batchSize)
        let begin = Moment.monotonicNow()
        for _ in 0..<rounds { try measured.round(recording) }
        let seconds = Double(Moment.monotonicNow() - begin) / 1_000_000_000
        print(
            "\(rounds * recording.records.count) events, \(measured.statementCount) statements, "
                + "\(measured.byteCount) bytes, \(seconds) s"
        )
    }
}
