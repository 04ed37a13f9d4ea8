import Foundation
import Testing

@testable import Commands

@Suite struct HelpTests {
    private func help(_ line: String, width: Int = 60) -> [Substring] {
        let words = line.split(separator: " ").map(String.init)
        return Invocation(of: Tool.self, words, environment: { _ in nil }, width: width).printed
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test(arguments: [40, 60, 80, 200]) func `no line of help is wider than the terminal`(_ width: Int) {
        for line in help("carry --help", width: width) where !line.contains("<") {
            #expect(line.count <= width, "\(line)")
        }
    }

    @Test func `an option stands with its value, help, values, variable and default`() {
        let text = help("carry --help", width: 200)
        #expect(
            text.contains(
                "  --format <format>       How to print. (values: text, json, junit; default: text)"
            )
        )
        #expect(
            text.contains {
                $0.contains("Where it is written. (environment: TOOL_HISTORY; default: history.ndjson)")
            }
        )
        #expect(text.contains("  --pipeline/--no-pipeline"))
        #expect(text.contains { $0.contains("All at once. (default: --pipeline)") })
        #expect(text.contains("  -q, --quiet             Print less."))
        #expect(text.contains("ACCESS TO THE SERVER:"))
        #expect(
            text.contains {
                $0.contains("--server-ca <file>      Certificates. (environment: TOOL_SERVER_CA)")
            }
        )
        #expect(text.contains { $0.contains("That many are hot. (default: all)") })
    }

    @Test func `a column of a discussion is kept when its text is broken`() {
        let text = help("--help")
        #expect(text.contains("  64  the command line is wrong, which is said on standard"))
        #expect(text.contains("      error at once"))
    }

    @Test func `a command with many options says so in its usage`() {
        #expect(
            help("carry --help", width: 300).contains {
                $0.hasPrefix("USAGE: tool carry <file> [--format <format>]")
            }
        )
        #expect(help("look --help").contains("USAGE: tool look --source <url> --to <where>"))
    }

    @Test func `the name of a property becomes the option's`() {
        #expect(Signature.name(ofProperty: "_hotKeys") == "hot-keys")
        #expect(Signature.name(ofProperty: "_to") == "to")
    }

    @Test func `the nearest name is found only where it is near`() {
        #expect(Nearest.name(to: "log-levl", among: ["log-level", "listen"]) == "log-level")
        #expect(Nearest.name(to: "lgo-level", among: ["log-level", "listen"]) == "log-level")
        #expect(Nearest.name(to: "zebra", among: ["log-level", "listen"]) == nil)
        #expect(Nearest.distance(Array("ab".utf8), Array("ba".utf8)) == 1)
        #expect(Nearest.distance([], Array("abc".utf8)) == 3)
    }

    @Test(arguments: [
        "", "s", "0", "-1", "5x", "1e9h", "٣s", "5 s", ".", "nan", "99999999999999999999h", "1..5s",
    ])
    func `what is not a length of time is refused`(_ text: String) {
        #expect(throws: InvalidValue.self) { try Duration(argument: text) }
    }

    @Test(arguments: [
        ("30", 30_000), ("30s", 30_000), ("1.5s", 1_500), ("2", 2_000), ("0.5s", 500), ("500ms", 500),
        ("5m", 300_000), ("1h", 3_600_000),
    ])
    func `a length of time has a unit or is in seconds`(_ text: String, _ milliseconds: Int) throws {
        #expect(try Duration(argument: text) == .milliseconds(milliseconds))
    }

    @Test func `a length of time is shown as it would be written`() {
        #expect(Duration.seconds(60).argument == "60s")
        #expect(Duration.milliseconds(1_500).argument == "1500ms")
    }

    /// Runs a program on a text, and says what it printed on standard error and how it ended.
    private func run(_ program: String, _ arguments: [String], input: String) throws -> (
        code: Int32, errors: String
    ) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "commands-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "text")
        try input.write(to: file, atomically: true, encoding: .utf8)
        let process = Process()
        let errors = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments + [file.path]
        (process.standardError, process.standardOutput) = (errors, FileHandle.nullDevice)
        try process.run()
        let data = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func `there is a completion script`(_ shell: String) throws {
        let text = Invocation.of("--generate-completion-script \(shell)").printed
        #expect(text.contains("tool"))
        if shell == "bash" {
            let result = try run("bash", ["-n"], input: text)
            #expect(result.code == 0, "\(result.errors)")
        }
    }

    @Test(arguments: [
        (["carry", "--format", "=", "j"], ["carry", "--format=j"], ["json", "junit"]),
        (["carry", "--format", "="], ["carry", "--format="], ["text", "json", "junit"]),
        (["carry", "--format", "j"], ["carry", "--format", "j"], ["json", "junit"]),
        (["ca"], ["ca"], ["carry"]),
        ([""], [""], ["carry", "look"]),
    ])
    func `bash completes a word and what stands after an equals sign`(
        _ typed: [String],
        _ asked: [String],
        _ wanted: [String]
    ) throws {
        let quoted = (["tool"] + typed).map { "'\($0)'" }.joined(separator: " ")
        let candidates = Invocation.of(["--complete"] + asked).printed
        // The program's answer to the words that it must be asked with, and to no others.
        let script = """
            tool() {
                shift
                [[ "$(printf '%s|' "$@")" == '\(asked.map { $0 + "|" }.joined())' ]] && cat <<'END'
            \(candidates)
            END
            }
            \(Invocation.of("--generate-completion-script bash").printed)
            COMP_WORDS=(\(quoted))
            COMP_CWORD=\(typed.count)
            _tool
            printf '%s\\n' "${COMPREPLY[@]}" >&2
            """
        let found = try run("bash", [], input: script).errors.split(separator: "\n").map(String.init)
        #expect(found == wanted)
    }

    @Test func `another shell is refused with those that are known`() {
        #expect(Invocation.of("--generate-completion-script csh").refusal.contains("bash, zsh or fish"))
    }

    @Test(arguments: [
        ([""], ["carry", "look"], ["secret", "--help"]),
        (["ca"], ["carry"], []),
        (["carry", "--"], ["--rows", "--no-pipeline", "--server-ca", "--help"], ["--source"]),
        (["carry", "--format", ""], ["text", "json", "junit"], ["--rows"]),
        (["carry", "--format=j"], ["--format=json"], []),
        (["carry", "--server-ca", ""], [":file"], []),
        (["carry", ""], [":file"], []),
        (["look", "--to", ""], [], ["--to"]),
        ([], ["carry"], []),
    ])
    func `the words that may follow are found`(_ words: [String], _ wanted: [String], _ unwanted: [String]) {
        let lines = Invocation.of(["--complete"] + words).printed.split(separator: "\n")
        let found = lines.map { String($0.prefix { $0 != "\t" }) }
        for word in wanted { #expect(found.contains(word), "\(found)") }
        for word in unwanted { #expect(!found.contains(word), "\(found)") }
    }

    @Test func `the manual page has every option, variable and command, and roff reads nothing else in it`() {
        let text = Invocation.of("--generate-man-page").printed
        for part in [
            ".TH TOOL 1", ".SH ENVIRONMENT", "TOOL_SERVER_CA", "\\-\\-hot\\-keys", ".SS carry", ".B 64",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(ManPage.escaped(".start \\ 'quote' \"q\" -x") == "\\&.start \\e 'quote' \\(dqq\\(dq \\-x")
    }

    @Test func `the tables have a row for each option`() {
        let text = Invocation.of("--generate-option-tables").printed
        #expect(text.contains("### tool carry"))
        #expect(text.contains("| `--rows <rows>` | How many. |  | 4 |"))
        #expect(text.contains("| `--source <url>` | The database. | `TOOL_SOURCE` | required |"))
    }
}
