import Commands
import Guard
import Telemetry
import Verify
import Watch

/// The program `reader`: parses and wires, nothing else.
@main
struct ReaderCommand: Command {
    static let description = CommandDescription(
        name: "reader",
        abstract: "Says how far the destination is behind the source, and whether it is right.",
        discussion: """
            Exit codes: 0 PASS or EQUAL, 1 FAIL or DIFFERENT, 2 INCONCLUSIVE, 3 a part can't be reached, 64 usage.
            """,
        subcommands: [WatchCommand.self, VerifyCommand.self, CompareCommand.self, GuardCommand.self],
        program: Release.program
    )
}
// x
