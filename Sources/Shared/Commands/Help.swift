/// The text of `--help`.
struct Help {
    /// Where the text of an option begins.
    private static func column(_ width: Int) -> Int { min(26, width / 3) }

    let text: String

    init(of path: CommandPath, width: Int) {
        let signature = path.signature
        let description = path.description
        var lines = Layout.lines("OVERVIEW: \(description.abstract)", width: width)
        if !description.discussion.isEmpty {
            lines += [""] + Layout.discussion(description.discussion, width: width)
        }
        lines += ["", "USAGE: \(Self.usage(of: path, signature))"]
            .flatMap { Layout.lines($0, width: width, hanging: 7) }
        let visible = signature.visible
        let arguments = visible.filter { $0.kind == .argument }
        if !arguments.isEmpty {
            lines += ["", "ARGUMENTS:"] + arguments.flatMap { Self.rows(of: $0, width) }
        }
        let options = visible.filter { $0.kind != .argument }
        lines += ["", "OPTIONS:"]
        lines += options.filter { $0.group == nil }.flatMap { Self.rows(of: $0, width) }
        lines += Self.row("-h, --help", "Show help information.", width)
        lines += Self.row("--version", "Show the version.", width)
        for group in Self.groups(options) {
            lines += ["", "\(group.uppercasedASCII):"]
            lines += options.filter { $0.group == group }.flatMap { Self.rows(of: $0, width) }
        }
        let subcommands = path.visibleSubcommands.map { $0.description }
        if !subcommands.isEmpty {
            lines += ["", "SUBCOMMANDS:"] + subcommands.flatMap { Self.row($0.name, $0.abstract, width) }
            lines += ["", "  See '\(path.names[0]) help <subcommand>' for detailed help."]
        }
        text = lines.joined(separator: "\n")
    }

    /// The headings of groups, in the order in which they come.
    static func groups(_ options: [Declaration]) -> [String] {
        var groups: [String] = []
        for case let group? in options.map(\.group) where !groups.contains(group) { groups.append(group) }
        return groups
    }

    /// `sink run <file> [--log-level <log-level>]`; with many options only that there are some.
    static func usage(of path: CommandPath, _ signature: Signature) -> String {
        let visible = signature.visible
        let arguments = visible.filter { $0.kind == .argument }.map {
            $0.isRequired ? $0.label : "[\($0.label)]"
        }
        let options = visible.filter { $0.kind != .argument }
        var parts = [path.text] + arguments
        if !path.subcommands.isEmpty { parts.append(path.runsAlone ? "[<subcommand>]" : "<subcommand>") }
        if options.count > 12 {
            parts += options.filter(\.isRequired).map(\.label) + ["[options]"]
        } else {
            parts += options.map { $0.isRequired ? $0.label : "[\($0.label)]\($0.isRepeated ? " …" : "")" }
        }
        return parts.joined(separator: " ")
    }

    private static func rows(of declaration: Declaration, _ width: Int) -> [String] {
        let short = declaration.short.map { "-\($0), " } ?? ""
        let help = [declaration.help, declaration.facts].filter { !$0.isEmpty }.joined(separator: " ")
        var lines = row(short + declaration.label, help, width)
        if !declaration.details.isEmpty {
            lines += Layout.lines(
                declaration.details,
                width: width,
                indent: column(width),
                hanging: column(width)
            )
        }
        return lines
    }

    private static func row(_ label: String, _ help: String, _ width: Int) -> [String] {
        let start = "  \(label)"
        let lines = Layout.lines(help, width: width, indent: column(width), hanging: column(width))
        guard start.width < column(width), let first = lines.first else { return [start] + lines }
        return [start + String(decoding: first.utf8.dropFirst(start.width), as: UTF8.self)]
            + lines.dropFirst()
    }
}
