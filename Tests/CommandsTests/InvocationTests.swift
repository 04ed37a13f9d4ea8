import Commands
import Testing

@Suite struct InvocationTests {
    @Test func `what is not given has its default`() throws {
        let carry = try #require(Invocation.of("carry a.json").command(as: Carry.self))
        #expect(carry.file == "a.json")
        #expect(carry.format == .text)
        #expect(carry.rows == 4)
        #expect(carry.hotKeys == nil)
        #expect(carry.timeout == .seconds(5))
        #expect(carry.history == "history.ndjson")
        #expect(carry.allow == [])
        #expect(!carry.quiet)
        #expect(carry.pipeline)
        #expect(carry.server.ca == nil)
    }

    @Test func `options take their value after a blank or an equals sign, in any order`() throws {
        let line = "carry --rows 7 --format=json a.json --hot-keys=3 --timeout 500ms --no-pipeline"
        let carry = try #require(Invocation.of(line).command(as: Carry.self))
        #expect(carry.rows == 7)
        #expect(carry.format == .json)
        #expect(carry.hotKeys == 3)
        #expect(carry.timeout == .milliseconds(500))
        #expect(!carry.pipeline)
        #expect(carry.file == "a.json")
    }

    @Test func `the last of two values counts, and an array takes all`() throws {
        let line = "carry a --rows 2 --rows 3 --allow x --allow=y --pipeline --no-pipeline --pipeline"
        let carry = try #require(Invocation.of(line).command(as: Carry.self))
        #expect(carry.rows == 3)
        #expect(carry.allow == ["x", "y"])
        #expect(carry.pipeline)
    }

    @Test func `a variable stands in for an option that is not given`() throws {
        let environment = ["TOOL_HISTORY": "here", "TOOL_SERVER_CA": "c", "TOOL_SERVER_KEY": "k"]
        let carry = try #require(Invocation.of("carry a", environment: environment).command(as: Carry.self))
        #expect(carry.history == "here")
        #expect(carry.server.ca == "c")
        let given = Invocation.of("carry a --history there", environment: environment)
        #expect(given.command(as: Carry.self)?.history == "there")
        let empty = Invocation.of("carry a", environment: ["TOOL_HISTORY": ""])
        #expect(empty.command(as: Carry.self)?.history == "history.ndjson")
    }

    @Test func `after two dashes everything is a value`() throws {
        #expect(Invocation.of("carry -- --rows").command(as: Carry.self)?.file == "--rows")
        #expect(Invocation.of("carry -").command(as: Carry.self)?.file == "-")
        #expect(Invocation.of("carry -5").command(as: Carry.self)?.file == "-5")
        #expect(Invocation.of(["carry", "a", "--history", ""]).command(as: Carry.self)?.history == "")
    }

    @Test func `a short name means the long one`() {
        #expect(Invocation.of("carry a -q").command(as: Carry.self)?.quiet == true)
        #expect(Invocation.of("carry a -qh").printed.utf8.starts(with: "OVERVIEW: Carries".utf8))
    }

    @Test(arguments: [
        ("rn x", ["'rn' is not a subcommand of tool", "'x'"]),
        ("cary", ["Did you mean 'carry'?", "Usage: tool <subcommand>", "See 'tool --help'"]),
        ("carry", ["Missing expected argument '<file>'.", "Help:  <file>  The file."]),
        ("carry a b", ["Unexpected argument 'b'."]),
        ("carry a --row 3", ["Unknown option '--row'. Did you mean '--rows'?"]),
        ("carry a --rows", ["Missing value for '--rows <rows>'.", "Help:  --rows <rows>  How many."]),
        ("carry a --rows --quiet", ["Missing value for '--rows <rows>'."]),
        (
            "carry a --rows x",
            ["The value 'x' is invalid for '--rows <rows>': it must be a whole number, from 1 to 10."]
        ),
        ("carry a --rows 11", ["The value '11' is invalid", "from 1 to 10"]),
        (
            "carry a --format jsn",
            ["it must be one of 'text', 'json' or 'junit'. Did you mean 'json'?"]
        ),
        ("carry a --timeout 5x", ["The value '5x' is invalid for '--timeout <timeout>'", "500ms, 5s, 2m"]),
        ("carry a --quiet=1", ["--quiet takes no value."]),
        ("carry a -x", ["Unknown option '-x'."]),
        ("carry a --server-ca c", ["A certificate and its key go together."]),
        (
            "look",
            [
                "Missing '--source <url>': give it, or set TOOL_SOURCE (`tool env` prints it).",
                "'--to <where>'",
            ]
        ),
        ("look --source x --to y", ["The value is invalid for '--source <url>': it begins with no scheme"]),
    ])
    func `what is wrong is said with the way out`(_ line: String, _ parts: [String]) {
        let text = Invocation.of(line).refusal
        for part in parts { #expect(text.contains(part), "\(text)") }
        #expect(text.contains("Usage: tool"))
    }

    @Test func `all that is wrong is said at once`() {
        let text = Invocation.of("carry --rows x --format y --nothing --hot-keys z a b").refusal
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("Error: ") }.count == 5, "\(text)")
        let checks = Invocation.of("carry a --rows 2 --hot-keys 3 -q --format json").refusal
        #expect(checks.contains("--hot-keys must be --rows at most."))
        #expect(checks.contains("--quiet and --format exclude each other."))
    }

    @Test func `a wrong value in a variable names the variable`() {
        let text = Invocation.of("look --to x", environment: ["TOOL_SOURCE": "sec:ret"]).refusal
        #expect(text.contains("The value of TOOL_SOURCE is invalid for '--source <url>'"))
    }

    @Test func `a value that may hold a secret is not repeated`() {
        #expect(!Invocation.of("look --to x --source hunter2").refusal.contains("hunter2"))
        #expect(
            !Invocation.of("look --to x", environment: ["TOOL_SOURCE": "hunter2"]).refusal.contains("hunter2")
        )
    }

    @Test func `a password on the command line is refused with the way out, and not in a variable`() {
        let text = Invocation.of("look --to x --source db://u:hunter2@h").refusal
        #expect(
            text.contains(
                "'--source <url>' has a password in it, and every user of this machine can read a command line: "
                    + "set TOOL_SOURCE, or leave it out here."
            ),
            "\(text)"
        )
        #expect(!text.contains("hunter2"))
        let look = Invocation.of("look --to x", environment: ["TOOL_SOURCE": "db://u:hunter2@h"])
            .command(as: Look.self)
        #expect(look?.source.argument == "db://u:hunter2@h")
    }

    @Test func `a password in a URL that stands in the wrong place is not shown`() {
        for line in [
            "look postgresql://u:hunter2@h/d --to x", "carry a --rows db://hunter2@h",
            "carry a b://x:hunter2@",
        ] {
            let text = Invocation.of(line).refusal
            #expect(text.contains("://…@"), "\(text)")
            #expect(!text.contains("hunter2"), "\(text)")
        }
    }

    @Test func `a variable holds all values of an option that may be repeated`() {
        let carry = Invocation.of("carry a", environment: ["TOOL_ALLOW": "x,y,,z"]).command(as: Carry.self)
        #expect(carry?.allow == ["x", "y", "z"])
    }

    @Test func `what was written is shown without control characters and shortened`() {
        let text = Invocation.of(["carry", "a", "--rows", "\u{1B}[2J\nError: forged\u{202E}"]).refusal
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 32 || $0 == "\n" })
        #expect(!text.contains("\nError: forged"))
        #expect(text.contains("\\u{1b}[2J\\nError: forged\\u{202e}"))
        let long = Invocation.of(["carry", "a", "--rows", String(repeating: "9", count: 100_000)]).refusal
        #expect(long.utf8.count < 2_000)
    }

    @Test func `help is at every level, and the version too`() {
        for line in ["", "--help", "-h", "help"] {
            #expect(Invocation.of(line).printed.contains("SUBCOMMANDS:"), "\(line)")
        }
        for line in ["carry --help", "help carry", "carry -h a b c --nothing"] {
            #expect(Invocation.of(line).printed.contains("USAGE: tool carry <file>"), "\(line)")
        }
        for line in ["--version", "carry --version"] {
            #expect(Invocation.of(line).printed == "tool 1.2.3 (commit abc)")
        }
        #expect(Invocation.of("help cary").refusal.contains("Did you mean 'carry'?"))
    }

    @Test func `a hidden command runs and is not shown`() {
        #expect(Invocation.of("secret").command(as: Secret.self) != nil)
        #expect(!Invocation.of("--help").printed.contains("secret"))
        #expect(!Invocation.of("--generate-completion-script bash").printed.contains("secret"))
        #expect(!Invocation.of("--generate-man-page").printed.contains("For developers"))
    }
}
