import ArgumentParser
import Logging
import Shared

/// How a sink that runs is watched and ordered about.
struct OperateOptions: ParsableArguments {
    /// What becomes of the process when a lane has failed.
    enum OnFailure: String, ExpressibleByArgument, CaseIterable {
        /// It ends with exit code 1, so that whatever started it decides.
        case exit
        /// It stays, says FAILED, and waits for a restart by HTTP.
        case wait
    }

    @Option(
        help: ArgumentHelp(
            "Answer HTTP there, such as 127.0.0.1:8090: health, status, metrics, pause, resume and restart.",
            discussion: "There is no password: whoever reaches the port may pause the sink. Off by default.",
            valueName: "host:port"
        ),
        transform: ListenAddress.option(like: "127.0.0.1:8090")
    )
    var listen: ListenAddress?

    @Option(
        help: "How log lines look: text for people, json for programs.",
        transform: { text in
            guard let format = LogFormat(rawValue: text) else {
                throw ValidationError("no log format: \(text); text and json are known")
            }
            return format
        }
    )
    var logFormat: LogFormat = .text

    @Option(help: "When a lane has failed: exit with code 1, or wait for a restart by HTTP.")
    var onFailure = OnFailure.exit

    func validate() throws {
        if onFailure == .wait, listen == nil {
            throw ValidationError("--on-failure wait needs --listen: the restart is ordered by HTTP")
        }
    }

    /// The HTTP server, if one is wanted.
    func service(
        _ control: SinkControl,
        _ statistics: LaneStatistics,
        file: String,
        logger: Logger
    ) -> HTTPService? {
        guard let listen else { return nil }
        let routes = SinkRoutes(
            control: control,
            statistics: statistics,
            file: file,
            worker: "\(listen)",
            logger: logger
        )
        return HTTPService(listen: listen, logger: logger, routes: routes.all)
    }
}

/// The verbs that order a running sink about.
enum OperateCommands {
    static let all: [any ParsableCommand.Type] = [
        StatusCommand.self, PauseCommand.self, ResumeCommand.self, RestartCommand.self,
    ]
}
