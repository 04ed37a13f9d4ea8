/// What may stand where the cursor is, for the shells.
///
/// The scripts ask the program itself, with `--complete` and the words up to the cursor: so they know what this build
/// knows, and are the same few lines for every program.
enum Completions {
    /// Stands for the names of files, which the shell knows.
    private static let files = ":file"

    /// - Parameter words: those after the program's name; the last one is being written.
    /// - Returns: a line for each candidate: the word, a tab, what it means.
    static func candidates(for words: ArraySlice<String>, of program: any Command.Type) -> [String] {
        var path = CommandPath(program)
        for word in words.dropLast() {
            guard let next = path.subcommand(word) else { continue }
            path = next
        }
        let visible = path.signature.visible
        let word = words.last ?? ""
        if let before = words.dropLast().last, let option = option(before, visible), !hasValue(before) {
            return values(of: option)
        }
        if hasValue(word), let option = option(word, visible) {
            return values(of: option).map { $0 == files ? $0 : "--\(option.name)=\($0)" }
        }
        var lines = path.visibleSubcommands.map { "\($0.description.name)\t\($0.description.abstract)" }
        guard word.utf8.first != UInt8(ascii: "-") else {
            let options = visible.flatMap { option in option.longNames.map { "--\($0)\t\(option.help)" } }
            return options + ["--help\tShow help information.", "--version\tShow the version."]
        }
        if visible.contains(where: { $0.kind == .argument && $0.takesFile }) { lines.append(files) }
        return lines
    }

    /// The option with a value that a word names, `--name` or `--name=value`.
    private static func option(_ word: String, _ visible: [Declaration]) -> Declaration? {
        let name = word.utf8.prefix { $0 != UInt8(ascii: "=") }
        return visible.first { $0.kind == .option && "--\($0.name)".utf8.elementsEqual(name) }
    }

    private static func hasValue(_ word: String) -> Bool {
        word.utf8.starts(with: "--".utf8) && word.utf8.contains(UInt8(ascii: "="))
    }

    private static func values(of option: Declaration) -> [String] {
        option.takesFile ? [files] : option.value.all
    }

    /// The script for a shell; `nil` for one that is not known.
    static func script(for shell: String?, program name: String) -> String? {
        switch shell {
        case "bash":
            """
            # Completion of \(name) for bash.
            _\(name)() {
                local line joined prefix index word=${COMP_WORDS[COMP_CWORD]}
                local -a words=()
                # The shell takes --name=value for three words.
                for ((index = 1; index <= COMP_CWORD; index++)); do
                    if ((index > 1)) && [[ ${COMP_WORDS[index]} == = || ${COMP_WORDS[index - 1]} == = ]]; then
                        words[-1]+=${COMP_WORDS[index]}
                    else
                        words+=("${COMP_WORDS[index]}")
                    fi
                done
                [[ $word == = ]] && word=
                joined=${words[-1]}
                prefix=${joined%"$word"}
                COMPREPLY=()
                while IFS=$'\\t' read -r line _; do
                    if [[ $line == \(files) ]]; then
                        compopt -o filenames 2>/dev/null
                        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
                    elif [[ $line == "$joined"* ]]; then
                        COMPREPLY+=("${line#"$prefix"}")
                    fi
                done < <("${COMP_WORDS[0]}" --complete "${words[@]}" 2>/dev/null)
            }
            complete -F _\(name) \(name)
            """
        case "zsh":
            """
            #compdef \(name)
            # Completion of \(name) for zsh.
            _\(name)() {
                local line
                local -a found
                for line in "${(@f)$("${words[1]}" --complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
                    if [[ $line == \(files) ]]; then
                        [[ ${words[CURRENT]} == --*=* ]] && compset -P '*='
                        _files
                    elif [[ -n $line ]]; then
                        found+=("${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}")
                    fi
                done
                _describe -o '\(name)' found
            }
            if [[ $funcstack[1] == _\(name) ]]; then _\(name) "$@"; else compdef _\(name) \(name); fi
            """
        case "fish":
            """
            # Completion of \(name) for fish.
            function __\(name)_words
                \(name) --complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null
            end
            complete -c \(name) -f -a '(__\(name)_words | string match -v \(files))'
            complete -c \(name) -n '__\(name)_words | string match -q \(files)' -F
            """
        default: nil
        }
    }
}
