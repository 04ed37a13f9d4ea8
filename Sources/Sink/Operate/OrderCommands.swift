import Commands
import FoundationEssentials
import Options
import Telemetry

/// Where the sink that is ordered about listens.
struct SinkURL: Options {
    @Option(
        environment: "HANDOVER_SINK_URL",
        help: "Where the sink listens: what its --listen says, as a URL, or unix:/path."
    )
    var url = ServerURL("http://127.0.0.1:8090")

    @OptionGroup(title: "Access to the sink", environment: "HANDOVER_SINK_")
    var access: AccessOptions

    /// - Throws: `UsageError` when a secret's file can't be read any more.
    func client() throws -> SinkClient { SinkClient(url: url.url, credentials: try access.credentials()) }
}

struct StatusCommand: Command {
    static let description = CommandDescription(
        name: "status",
        abstract: "Shows what a running sink does, partition by partition.",
        discussion:
            "Exit codes: 0 shown; 1 refused; 3 nothing answers there, or it is not trusted; 64 wrong usage."
    )

    enum Format: String, OptionValue, CaseIterable {
        case text, json
    }

    @OptionGroup var server: SinkURL

    @Option(help: "text for people, json for programs.")
    var format = Format.text

    func run() async throws {
        try await SinkClient.reporting {
            switch format {
            case .json: printJSON(try await server.client().statusText())
            case .text: printText("\(StatusTable(try await server.client().status()))")
            }
        }
    }
}

struct PauseCommand: Command {
    static let description = CommandDescription(
        name: "pause",
        abstract: "Lets a running sink finish the batch in hand and then apply nothing more.",
        discussion: """
            The sink stays in its group and keeps its partitions. It stays paused through rebalances and restarts by \
            order, but not when the process ends. Returns once every lane stands still.

            Exit codes: 0 paused; 1 refused; 3 nothing answers there, or it is not trusted, or a lane still works after \
            two minutes; 64 wrong usage.
            """
    )

    @OptionGroup var server: SinkURL

    func run() async throws {
        try await SinkClient.reporting {
            try await server.client().order("PUT", "/pause")
            try await server.client().wait("every lane stands still") { status in
                status.tasks.allSatisfy { $0.state == .paused || $0.state == .failed }
            }
            print("paused")
        }
    }
}

struct ResumeCommand: Command {
    static let description = CommandDescription(
        name: "resume",
        abstract: "Lets a paused sink go on.",
        discussion:
            "Exit codes: 0 resumed; 1 refused; 3 nothing answers there, or it is not trusted; 64 wrong usage."
    )

    @OptionGroup var server: SinkURL

    func run() async throws {
        try await SinkClient.reporting {
            try await server.client().order("PUT", "/resume")
            try await server.client().wait("no lane is paused") { status in
                status.tasks.allSatisfy { $0.state != .paused }
            }
            print("resumed")
        }
    }
}

struct RestartCommand: Command {
    static let description = CommandDescription(
        name: "restart",
        abstract: "Lets a running sink end its lanes in order and begin anew with its file as it is now.",
        discussion: """
            The file is checked first: with a wrong one the lanes that run go on. Returns once the new lanes are made.

            Exit codes: 0 restarted; 1 refused: the file is wrong, or a restart is under way; 3 nothing answers there, \
            or a lane still works after two minutes; 64 wrong usage.
            """
    )

    @OptionGroup var server: SinkURL

    func run() async throws {
        try await SinkClient.reporting {
            let before = try await server.client().status().restarts
            try await server.client().order("POST", "/restart")
            try await server.client().wait("the new lanes are made") { $0.restarts > before }
            print("restarted")
        }
    }
}
