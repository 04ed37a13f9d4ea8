import Commands
import Testing

/// A program with one command that does something by itself and has a subcommand as well.
private struct House: Command {
    static let description = CommandDescription(name: "house", abstract: "A house.", subcommands: [Door.self])
}

private struct Door: Command {
    static let description = CommandDescription(
        name: "door",
        abstract: "Watches the door.",
        subcommands: [Bell.self],
        runsAlone: true
    )

    @Option(environment: "HOUSE_KEY", help: "The key.") var key = "none"
}

private struct Bell: Command {
    static let description = CommandDescription(name: "bell", abstract: "Rings.")

    @Argument(help: "Who rings.") var guest: String
}

private func invoke(_ arguments: String...) -> Invocation {
    Invocation(of: House.self, arguments, environment: { _ in nil }, width: 80)
}

struct StandaloneTests {
    @Test func `a command that runs alone runs without a word, and its subcommand with its own`() {
        guard case .run(let door, _) = invoke("door"), door is Door else {
            Issue.record("the door is not watched")
            return
        }
        guard case .run(let bell, _) = invoke("door", "bell", "Ada") else {
            Issue.record("nobody rings")
            return
        }
        #expect((bell as? Bell)?.guest == "Ada")
    }

    @Test func `its help names the subcommand as one that may be left out`() {
        guard case .print(let text) = invoke("door", "--help") else {
            Issue.record("no help")
            return
        }
        #expect(text.contains("house door [<subcommand>] [--key <key>]"))
    }

    @Test func `what only has subcommands prints its help`() {
        guard case .print = invoke() else {
            Issue.record("no help")
            return
        }
    }

    @Test func `a word that is no subcommand of it is refused`() {
        guard case .refuse = invoke("door", "bel") else {
            Issue.record("taken")
            return
        }
    }
}
