import ArgumentParser
import Glibc
import Shared

/// The program: only parses and wires.
@main
struct WriterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "writer",
        abstract: "Writes to a PostgreSQL cluster through its failovers and knows what was acknowledged.",
        discussion: """
            EXIT CODES
              0   the run ended in order: its time was over, or SIGTERM or SIGINT drained it
              1   the history could not be read or written, or an error that waiting does not mend ended the run;
                  of `writer history --check`: the source does not hold what was acknowledged
              3   no server that accepts writes was reached at the start
              64  the command line is wrong
            """,
        subcommands: [RunCommand.self, InitCommand.self, HistoryCommand.self]
    )
}

/// Which database is written.
struct SourceArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The database, as the proxy leads to it. (default: $HANDOVER_SOURCE_URL)",
            valueName: "postgresql://user@host:port/database"
        )
    )
    var source: String?

    @Option(help: "How many rows: those with the ids 0 up to this number.")
    var rows = 1_000

    @Option(help: "How long to wait for each answer, such as 5s or 500ms.")
    var timeout = TimeSpan(seconds: 5)

    func validate() throws {
        guard (1...100_000_000).contains(rows) else {
            throw ValidationError("--rows must be from 1 to 100000000.")
        }
        _ = try resolve()
    }

    /// The database that the option or the variable names.
    func resolve() throws -> Source {
        guard let url = source ?? environment("HANDOVER_SOURCE_URL") else {
            throw ValidationError("The source is not given: use --source or set HANDOVER_SOURCE_URL.")
        }
        do throws(PostgresError) {
            return try Source(url: url, timeout: timeout.duration)
        } catch {
            throw ValidationError("--source or HANDOVER_SOURCE_URL: \(error.message)")
        }
    }
}

/// A variable of the environment, if it is set and not empty.
func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

extension WriterError {
    /// Says what is wrong on standard error and gives the exit code for it.
    func report() -> ExitCode {
        let line = Array("writer: \(description)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        return ExitCode(code.rawValue)
    }
}
