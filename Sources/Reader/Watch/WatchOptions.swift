import Commands
import HTTPServer
import Options

/// How often is looked, how far back, and what that may cost.
struct WatchPace: Options {
    @Option(help: "From one line to the next.")
    var interval = Duration.seconds(1)

    @Option(help: "From one look at the destination to the next: the error of the lag.")
    var poll = Duration.milliseconds(100)

    @Option(help: "The age of the oldest write from which on the state is LAGGING.")
    var lagging = Duration.seconds(5)

    @Option(help: "How far back the percentiles of page, live screen, JSON and metrics reach.")
    var window = Duration.seconds(60)

    @Option(help: "Acknowledged writes a second that are followed to the destination.", valid: .atLeast(1))
    var samples = 50

    @Option(
        help: "The share of one core of each database that comparing the tables may take, in percent.",
        valid: Valid("more than 0, and 100 at most") { $0 > 0 && $0 <= 100 }
    )
    var budget = 0.4
}

/// How a watch shows what it knows.
struct WatchForms: Options {
    enum Format: String, OptionValue, CaseIterable {
        case text, json
    }

    @Option(help: "text: a line an interval. json: one object a line.")
    var format = Format.text

    @Flag(help: "Draw over the whole terminal instead of printing lines.")
    var live = false

    @Option(
        environment: "HANDOVER_WATCH_LISTEN",
        help: "Answer HTTP there, such as 127.0.0.1:8096: a page, /watch.json and /metrics.",
        details: "Reading needs no password: keep it on loopback, or put a proxy before it. Off by default.",
        valueName: "host:port or unix:/path"
    )
    var listen: ListenAddress?

    @Option(
        help: "A file that `reader verify --format json` wrote or will write: its first line is shown.",
        valueName: "file"
    )
    var verdict: String?

    @Flag(help: "Append each interval to the history, for the verdict's table.")
    var record = false
}
