public import Logs
public import Services

/// An HTTP server for the people and programs that watch this one.
///
/// It runs in a `ServiceGroup`: put it in front of the services that it tells about, so that it answers until
/// they have ended. It takes two threads: one accepts and keeps the deadlines, one reads and answers.
public struct HTTPService: Service {
    private let address: ListenAddress
    private let access: HTTPAccess
    private let limits: HTTPLimits
    private let routes: [HTTPRoute]
    private let logger: Logger
    private let listening: AsyncStream<Void>
    private let opened: AsyncStream<Void>.Continuation
    /// Told where clients connect, on the thread that accepts; for tests.
    var announce: @Sendable (String) -> Void = { _ in }

    /// A server that does not listen yet.
    public init(
        listen address: ListenAddress,
        access: HTTPAccess = .init(),
        limits: HTTPLimits = .init(),
        logger: Logger,
        routes: [HTTPRoute]
    ) {
        (self.address, self.access, self.limits) = (address, access, limits)
        (self.routes, self.logger) = (routes, logger)
        (listening, opened) = AsyncStream.makeStream()
    }

    /// Waits until clients can connect, so that work begins only once the port is known to be free.
    ///
    /// - Returns: false when the task was cancelled before, or `run` has failed: the server did not come up.
    public func waitUntilListening() async -> Bool {
        for await _ in listening { return true }
        return false
    }

    /// Answers until the service group ends it, or its task is cancelled; then what is being answered is finished
    /// within the limits' `endDeadline`.
    ///
    /// - Throws: `HTTPServiceError` when the address cannot be listened on, or the TLS identity is not accepted.
    public func run() async throws {
        defer { opened.finish() }
        let core: ServerCore
        do throws(SystemError) {
            core = ServerCore(
                routes: routes,
                admission: Admission(access, listen: address),
                limits: limits,
                logger: logger,
                wake: try WakeSignal()
            )
        } catch {
            throw HTTPServiceError(address: address, reason: error.text)
        }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await serve(core)
            } onGracefulShutdown: {
                core.end()
            }
        } onCancel: {
            core.end()
        }
    }

    private func serve(_ core: ServerCore) async throws {
        let result: Result<Void, HTTPServiceError>
        do throws(SystemError) {
            result = try await withServerThread { [address, access, logger, opened, announce] in
                do throws(HTTPServiceError) {
                    let socket = try ListenSocket(address)
                    let daemon = try Daemon(core, tls: access.tls, listen: address)
                    logger.info("answers HTTP", metadata: ["address": "\(socket.place)"])
                    announce(socket.place)
                    opened.yield()
                    opened.finish()
                    var loop = AcceptLoop(core, daemon)
                    loop.run(socket)
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw HTTPServiceError(address: address, reason: error.text)
        }
        try result.get()
    }
}

/// Why the HTTP server cannot listen.
public struct HTTPServiceError: Error, Sendable, CustomStringConvertible {
    /// Where it was to listen.
    public let address: ListenAddress
    /// What the system or the library says.
    public let reason: String
    private let advice: String

    init(
        address: ListenAddress,
        reason: String,
        advice: String = "give another address, or end the program that has this one"
    ) {
        (self.address, self.reason, self.advice) = (address, reason, advice)
    }

    public var description: String { "cannot listen on \(address): \(reason); \(advice)" }
}
