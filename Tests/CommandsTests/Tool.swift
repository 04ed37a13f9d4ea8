import Commands

/// A program that shows every kind of declaration.
struct Tool: Command {
    static let description = CommandDescription(
        name: "tool",
        abstract: "Does work.",
        discussion:
            "EXIT CODES\n  0   fine\n  64  the command line is wrong, which is said on standard error at once",
        subcommands: [Carry.self, Look.self, Secret.self],
        program: .init(version: "1.2.3 (commit abc)", environmentHint: "`tool env` prints it")
    )
}

enum Form: String, CaseIterable, OptionValue {
    case text, json, junit
}

struct Carry: Command {
    static let description = CommandDescription(name: "carry", abstract: "Carries a file.")

    @Argument(help: "The file.") var file: String
    @Option(help: "How to print.") var format = Form.text
    @Option(help: "How many.", valid: .range(1...10)) var rows = 4
    @Option(help: "That many are hot.", absence: "all") var hotKeys: Int?
    @Option(help: "How long to wait, such as 5s.") var timeout = Duration.seconds(5)
    @Option(environment: "TOOL_HISTORY", help: "Where it is written.") var history = "history.ndjson"
    @Option(environment: "TOOL_ALLOW", help: "A name; may be repeated.", valueName: "name") var allow:
        [String]
    @Flag(short: "q", help: "Print less.") var quiet = false
    @Flag(isInvertible: true, help: "All at once.") var pipeline = true
    @OptionGroup(title: "Access to the server", prefix: "server", environment: "TOOL_SERVER_")
    var server: Access

    func check(_ problems: inout Problems) {
        problems.unless(hotKeys ?? rows <= rows, "--hot-keys must be --rows at most.")
        problems.unless(!quiet || format == .text, "--quiet and --format exclude each other.")
    }
}

struct Access: Options {
    @Option(environment: "CA", help: "Certificates.", valueName: "file") var ca: String?
    @Option(environment: "KEY", help: "Its key.", valueName: "file") var key: String?

    func check(_ problems: inout Problems) {
        problems.unless((ca == nil) == (key == nil), "A certificate and its key go together.")
    }
}

/// A URL in which a password may stand.
struct Address: OptionValue {
    let argument: String

    init(argument: String) throws(InvalidValue) {
        guard argument.utf8.starts(with: "db://".utf8) else { throw InvalidValue("it begins with no scheme") }
        self.argument = argument
    }

    static var valid: String { "such as db://host" }
    static var isSecret: Bool { true }

    static func exposure(of argument: String) -> String? {
        argument.utf8.contains(UInt8(ascii: "@")) ? "leave it out here" : nil
    }
}

struct Look: Command {
    static let description = CommandDescription(name: "look", abstract: "Looks.")

    @Option(environment: "TOOL_SOURCE", help: "The database.", valueName: "url") var source: Address
    @Option(help: "Of what.", valueName: "where") var to: String
}

struct Secret: Command {
    static let description = CommandDescription(name: "secret", abstract: "For developers.", isHidden: true)
}

extension Invocation {
    /// What becomes of a command line of `tool`.
    static func of(_ line: [String], environment: [String: String] = [:]) -> Invocation {
        Invocation(of: Tool.self, line, environment: { environment[$0] }, width: 100)
    }

    static func of(_ line: String, environment: [String: String] = [:]) -> Invocation {
        of(line.split(separator: " ").map(String.init), environment: environment)
    }

    /// The text of a refusal; empty where there is none.
    var refusal: String {
        if case .refuse(let text) = self { return text }
        return ""
    }

    var printed: String {
        if case .print(let text) = self { return text }
        return ""
    }

    func command<C>(as type: C.Type) -> C? {
        if case .run(let command, _) = self { return command as? C }
        return nil
    }
}
