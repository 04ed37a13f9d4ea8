/// What becomes of a command line.
public enum Invocation {
    /// The command with its values, to be run.
    case run(any Command, at: CommandPath)
    /// A text that was asked for, for standard output.
    case print(String)
    /// All that is wrong, for standard error; exit code 64.
    case refuse(String)

    /// Reads a command line.
    ///
    /// It asks nobody and changes nothing.
    ///
    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - environment: a variable's value by its name; an empty one counts as not set.
    ///   - width: columns for the texts.
    public init(
        of program: any Command.Type,
        _ arguments: [String],
        environment: (String) -> String?,
        width: Int
    ) {
        var path = CommandPath(program)
        var rest = arguments[...]
        var isHelp = false
        if arguments.first == "help" {
            isHelp = true
            rest.removeFirst()
        }
        while let name = rest.first, !Scan.isOption(name), !path.subcommands.isEmpty {
            guard let next = path.subcommand(name) else {
                self = .refuse(Self.unknown(name, rest.dropFirst(), at: path))
                return
            }
            rest.removeFirst()
            path = next
        }
        if path.isProgram, let text = Generated.text(for: rest, of: program) {
            self = text
            return
        }
        let command = path.command.init()
        let signature = Signature(of: command)
        let scan = Scan(rest, signature)
        if scan.asksForHelp || isHelp || (rest.isEmpty && !path.runsAlone) {
            self = .print(Help(of: path, width: width).text)
        } else if scan.asksForVersion {
            self = .print("\(path.names[0]) \(path.program.version)")
        } else {
            let faults = Self.fill(signature, from: scan, environment, hint: path.program.environmentHint)
            self =
                faults.isEmpty
                ? .run(command, at: path)
                : .refuse(Self.refusal(faults, signature, at: path, width: width))
        }
    }

    /// Gives each declaration its value; the faults that this or the scan found.
    private static func fill(
        _ signature: Signature,
        from scan: Scan,
        _ environment: (String) -> String?,
        hint: String
    ) -> [Fault] {
        var faults = scan.faults
        for (index, declaration) in signature.declarations.enumerated() {
            var texts = scan.texts[index] ?? []
            var variable: String?
            if texts.isEmpty, let name = declaration.environment, let value = environment(name),
                !value.isEmpty
            {
                // One variable holds all values of an option that may be repeated, with commas between them.
                let parts = value.utf8.split(separator: UInt8(ascii: ",")).map { String(Substring($0)) }
                (texts, variable) = (declaration.isRepeated ? parts : [value], name)
            }
            guard !texts.isEmpty else {
                // An option whose value is missing is said to be so already.
                if declaration.isRequired, !faults.contains(where: { $0.declaration == index }) {
                    faults.append(Fault(missing(declaration, hint), index))
                }
                continue
            }
            if variable == nil, let reason = texts.lazy.compactMap(declaration.value.exposure).first {
                faults.append(Fault(exposed(declaration, reason), index))
                continue
            }
            do throws(InvalidValue) {
                try signature.members[index].take(texts)
            } catch {
                faults.append(Fault(invalid(texts.last ?? "", variable, declaration, error), index))
            }
        }
        guard faults.isEmpty else { return faults }
        var problems = Problems()
        for part in signature.parts { part.check(&problems) }
        return problems.texts.map { Fault($0) }
    }

    private static func missing(_ declaration: Declaration, _ hint: String) -> String {
        guard declaration.kind != .argument else {
            return "Missing expected argument '\(declaration.label)'."
        }
        guard let variable = declaration.environment else {
            return "Missing expected option '\(declaration.label)'."
        }
        return
            "Missing '\(declaration.label)': give it, or set \(variable)\(hint.isEmpty ? "" : " (\(hint))")."
    }

    private static func exposed(_ declaration: Declaration, _ reason: String) -> String {
        let variable = declaration.environment.map { "set \($0), or " } ?? ""
        return """
            '\(declaration.label)' has a password in it, and every user of this machine can read a command line: \
            \(variable)\(reason). The password may have been seen by now: change it.
            """
    }

    private static func invalid(
        _ text: String,
        _ variable: String?,
        _ declaration: Declaration,
        _ error: InvalidValue
    ) -> String {
        let value = declaration.value
        let what = value.isSecret ? "The value" : "The value '\(text.shown)'"
        let place = variable.map { " of \($0)" } ?? ""
        let nearest = Nearest.name(to: text, among: value.all).map { " Did you mean '\($0)'?" } ?? ""
        let reason = error.reason.map { "\($0.shown); it" } ?? "it"
        return
            "\(what)\(place) is invalid for '\(declaration.label)': \(reason) must be \(value.valid).\(nearest)"
    }

    private static func unknown(_ name: String, _ rest: ArraySlice<String>, at path: CommandPath) -> String {
        let names = path.visibleSubcommands.map { $0.description.name }
        let nearest = Nearest.name(to: name, among: names + ["help"]).map { " Did you mean '\($0)'?" } ?? ""
        let more = rest.filter { !Scan.isOption($0) }.map { "'\($0.shown)'" }
        let others = more.isEmpty ? "" : " Unexpected with it: \(more.joined(separator: ", "))."
        return """
            Error: '\(name.shown)' is not a subcommand of \(path.text).\(nearest)\(others)
            Help:  the subcommands are \(names.joined(separator: ", ")).
            Usage: \(path.text) <subcommand>
              See '\(path.text) --help' for more information.
            """
    }

    private static func refusal(
        _ faults: [Fault],
        _ signature: Signature,
        at path: CommandPath,
        width: Int
    ) -> String {
        var lines: [String] = []
        for fault in faults {
            // Not broken into lines, so that it can be searched for.
            lines.append("Error: \(fault.text)")
            guard let index = fault.declaration else { continue }
            let declaration = signature.declarations[index]
            guard !declaration.isHidden else { continue }
            lines.append("Help:  \(declaration.label)  \(declaration.help)")
        }
        lines += Layout.lines("Usage: \(Help.usage(of: path, signature))", width: width, hanging: 7)
        return (lines + ["  See '\(path.text) --help' for more information."]).joined(separator: "\n")
    }

    /// The text for a `UsageError` that a command threw.
    static func refusal(_ error: UsageError, at path: CommandPath, width: Int) -> String {
        refusal([Fault(error.description)], path.signature, at: path, width: width)
    }
}

/// A command with the names that lead to it.
public struct CommandPath: Sendable {
    /// The program's name first.
    let names: [String]
    let command: any Command.Type
    let program: CommandDescription.Program

    init(_ program: any Command.Type) {
        (names, command) = ([program.description.name], program)
        self.program = program.description.program
    }

    private init(_ parent: CommandPath, _ command: any Command.Type) {
        names = parent.names + [command.description.name]
        (self.command, program) = (command, parent.program)
    }

    var text: String { names.joined(separator: " ") }
    var description: CommandDescription { command.description }
    var subcommands: [any Command.Type] { description.subcommands }
    /// Whether it does something without a subcommand.
    var runsAlone: Bool { description.runsAlone || subcommands.isEmpty }
    var visibleSubcommands: [any Command.Type] { subcommands.filter { !$0.description.isHidden } }
    var signature: Signature {
        let command = command.init()
        return Signature(of: command)
    }
    var isProgram: Bool { names.count == 1 }

    func subcommand(_ name: String) -> CommandPath? {
        subcommands.first { $0.description.name == name }.map { CommandPath(self, $0) }
    }

    /// This one and all visible ones below it.
    var all: [CommandPath] { [self] + visibleSubcommands.flatMap { CommandPath(self, $0).all } }
}
