import Commands
import HTTPServer
import Logs
import Options

/// How a sink that runs is watched and ordered about.
struct OperateOptions: Options {
    /// What becomes of the process when a lane has failed.
    enum OnFailure: String, OptionValue, CaseIterable {
        /// It ends with exit code 1, so that whatever started it decides.
        case exit
        /// It stays, says FAILED, and waits for a restart by HTTP.
        case wait
    }

    @Option(
        environment: "HANDOVER_SINK_LISTEN",
        help:
            "Answer HTTP there, such as 127.0.0.1:8090: health, status, metrics, pause, resume and restart.",
        details:
            "Without --token-file, orders are taken on loopback and on a Unix socket only. Off by default.",
        valueName: "host:port or unix:/path"
    )
    var listen: ListenAddress?

    @Option(help: "How log lines look: text for people, json for programs.")
    var logFormat: LogFormat = .text

    @Option(help: "When a lane has failed: exit with code 1, or wait for a restart by HTTP.")
    var onFailure = OnFailure.exit

    @OptionGroup(title: "Access to its HTTP interface") var access: ListenOptions

    func check(_ problems: inout Problems) {
        problems.unless(
            onFailure == .exit || listen != nil,
            "--on-failure wait needs --listen: the restart is ordered by HTTP"
        )
    }

    /// The HTTP server, if one is wanted.
    func service(
        _ control: SinkControl,
        _ statistics: LaneStatistics,
        file: String,
        logger: Logger
    ) throws -> HTTPService? {
        guard let listen else { return nil }
        let routes = SinkRoutes(
            control: control,
            statistics: statistics,
            file: file,
            worker: "\(listen)",
            logger: logger
        )
        return HTTPService(listen: listen, access: try access.access(), logger: logger, routes: routes.all)
    }
}

/// The verbs that order a running sink about.
enum OperateCommands {
    static let all: [any Command.Type] = [
        StatusCommand.self, PauseCommand.self, ResumeCommand.self, RestartCommand.self,
    ]
}
