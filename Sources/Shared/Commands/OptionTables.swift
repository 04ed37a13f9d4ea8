/// The tables of options in Markdown, a section for each command.
enum OptionTables {
    static func text(of program: CommandPath) -> String {
        program.all.compactMap(section).joined(separator: "\n\n")
    }

    private static func section(_ path: CommandPath) -> String? {
        let visible = path.signature.visible
        guard !visible.isEmpty else { return nil }
        var lines = ["### \(path.text)", "", path.description.abstract, ""]
        lines += ["| option | what it does | environment | default |", "|---|---|---|---|"]
        for declaration in visible {
            let short = declaration.short.map { "-\($0), " } ?? ""
            let help = [declaration.help, declaration.details].filter { !$0.isEmpty }
            let values = declaration.value.all
            let list = values.isEmpty ? [] : ["Values: \(values.joined(separator: ", "))."]
            let fallback = declaration.isRequired ? "required" : declaration.value.defaultText ?? ""
            let cells = [
                "`\(short + declaration.label)`", cell((help + list).joined(separator: " ")),
                declaration.environment.map { "`\($0)`" } ?? "", cell(fallback),
            ]
            lines.append("| \(cells.joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n")
    }

    /// A bar would end the cell, and an angle bracket begin markup.
    private static func cell(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "|": result += "\\|"
            case "<": result += "&lt;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
