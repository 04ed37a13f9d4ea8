/// A program's manual page in roff, with the macros of man(7).
struct ManPage {
    let text: String

    init(of program: CommandPath) {
        let name = program.names[0]
        // The first word is the version's number; after it stands the commit.
        let version = program.program.version.parts(at: " ").first ?? ""
        var lines = [
            ".TH \(name.uppercasedASCII) 1 \"\" \"\(Self.escaped("handover \(version)"))\" \"User Commands\"",
            ".SH NAME", Self.escaped("\(name) - \(program.description.abstract)"),
            ".SH SYNOPSIS",
        ]
        let commands = program.all
        for path in commands where path.visibleSubcommands.isEmpty {
            lines += [".B \(Self.escaped(path.text))", Self.escaped(Self.synopsis(path)), ".br"]
        }
        if !program.description.discussion.isEmpty {
            lines += [".SH DESCRIPTION"] + Self.discussion(program.description.discussion)
        }
        if commands.count > 1 { lines.append(".SH COMMANDS") }
        for path in commands {
            let signature = path.signature
            if !path.isProgram {
                lines += [".SS \(Self.escaped(path.names.dropFirst().joined(separator: " ")))"]
                lines += [Self.escaped(path.description.abstract)]
                if !path.description.discussion.isEmpty {
                    lines += [".PP"] + Self.discussion(path.description.discussion)
                }
            }
            let own = signature.visible.filter { $0.group == nil }
            lines += own.flatMap(Self.entry)
            for group in Help.groups(signature.visible) {
                lines += [".PP", ".I \(Self.escaped(group))"]
                lines += signature.visible.filter { $0.group == group }.flatMap(Self.entry)
            }
        }
        lines += [
            ".SH OPTIONS", ".TP", ".BR \\-h \", \" \\-\\-help", "Show help information; at every command.",
            ".TP", ".B \\-\\-version", "Show the version and the commit that it was built from.",
        ]
        lines += Self.environment(commands)
        text = lines.joined(separator: "\n")
    }

    private static func synopsis(_ path: CommandPath) -> String {
        let usage = Help.usage(of: path, path.signature)
        return (usage.without(prefix: path.text) ?? usage).trimmed
    }

    private static func entry(_ declaration: Declaration) -> [String] {
        let short = declaration.short.map { "-\($0), " } ?? ""
        let help = [declaration.help, declaration.details, declaration.facts].filter { !$0.isEmpty }
        return [".TP", ".B \(escaped(short + declaration.label))", escaped(help.joined(separator: " "))]
    }

    private static func environment(_ commands: [CommandPath]) -> [String] {
        var uses: [String: [String]] = [:]
        for path in commands {
            for declaration in path.signature.visible {
                guard let variable = declaration.environment else { continue }
                let use = "--\(declaration.name)"
                if uses[variable]?.contains(use) != true { uses[variable, default: []].append(use) }
            }
        }
        guard !uses.isEmpty else { return [] }
        let rows = uses.sorted { $0.key < $1.key }.flatMap { variable, options in
            [
                ".TP", ".B \(escaped(variable))",
                escaped("Stands in for \(options.joined(separator: ", ")) where that is not given."),
            ]
        }
        return [".SH ENVIRONMENT"] + rows
    }

    /// Lines `term  text` become tagged paragraphs, others plain ones.
    private static func discussion(_ text: String) -> [String] {
        var lines: [String] = []
        for line in text.parts(at: "\n", keepingEmpty: true) {
            guard !line.isEmpty else {
                lines.append(".PP")
                continue
            }
            let body = String(line.unicodeScalars.drop { $0 == " " })
            guard let column = Layout.column(of: body), column > 0 else {
                if body.utf8.count < line.utf8.count { lines.append(".br") }
                lines.append(escaped(body))
                continue
            }
            let term = body.unicodeScalars.prefix(column).split(separator: " ").map { String($0) }.joined(
                separator: " "
            )
            lines += [".TP", ".B \(escaped(term))", escaped(String(body.unicodeScalars.dropFirst(column)))]
        }
        return lines
    }

    /// Text that roff prints as it is (groff(7), "Escapes").
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "\"": result += "\\(dq"
            case "\n": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        let first = result.unicodeScalars.first
        return first == "." || first == "'" ? "\\&" + result : result
    }
}
