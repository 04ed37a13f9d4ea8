import Commands
import Glibc
import Postgres
import Telemetry

/// The program: only parses and wires.
@main
struct WriterCommand: Command {
    static let description = CommandDescription(
        name: "writer",
        abstract: "Writes to a PostgreSQL cluster through its failovers and knows what was acknowledged.",
        discussion: """
            EXIT CODES
              0   the run ended in order: its time was over, or SIGTERM or SIGINT drained it
              1   the history could not be read or written, or an error that waiting does not mend ended the run;
                  of `writer history --check`: the source does not hold what was acknowledged
              3   no server that accepts writes was reached at the start
              64  the command line is wrong
            """,
        subcommands: [RunCommand.self, InitCommand.self, HistoryCommand.self],
        program: Release.program
    )
}

/// Which database is written.
struct SourceArguments: Options {
    @Option(
        environment: "HANDOVER_SOURCE_URL",
        help: "The database, as the proxy leads to it.",
        valueName: "postgresql://user@host:port/database"
    )
    var source: ConnectionOptions

    @Option(help: "How many rows: those with the ids 0 up to this number.", valid: .range(1...100_000_000))
    var rows = 1_000

    @Option(help: "How long to wait for each answer, such as 5s or 500ms.")
    var timeout = Duration.seconds(5)

    var database: Source { Source(source, timeout: timeout) }
}

extension WriterError {
    /// Says what is wrong on standard error and gives the exit code for it.
    func report() -> ExitCode {
        let line = Array("writer: \(description.visible)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        return ExitCode(code.rawValue)
    }
}
