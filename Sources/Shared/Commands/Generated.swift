/// The texts that are made of a program's declarations for others than its users at the prompt.
enum Generated {
    /// Answers `--generate-completion-script SHELL`, `--generate-man-page`, `--generate-option-tables`, and what the
    /// completion scripts ask with `--complete`.
    ///
    /// - Returns: `nil` where none of them is asked for.
    static func text(for arguments: ArraySlice<String>, of program: any Command.Type) -> Invocation? {
        let path = CommandPath(program)
        switch arguments.first {
        case "--generate-man-page": return .print(ManPage(of: path).text)
        case "--generate-option-tables": return .print(OptionTables.text(of: path))
        case "--complete":
            return .print(
                Completions.candidates(for: arguments.dropFirst(), of: program).joined(separator: "\n")
            )
        case "--generate-completion-script":
            let script = Completions.script(for: arguments.dropFirst().first, program: path.names[0])
            return script.map { .print($0) }
                ?? .refuse("Error: --generate-completion-script must be one of bash, zsh or fish.")
        default: return nil
        }
    }
}
