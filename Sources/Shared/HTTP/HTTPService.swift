import Foundation
import HTTPTypes
import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle

/// An HTTP server for the people and programs that watch this one.
///
/// It runs in a `ServiceGroup`: put it in front of the services that it tells about, so that it answers until
/// they have ended.
public struct HTTPService: Service {
    private let address: ListenAddress
    private let routes: [HTTPRoute]
    private let logger: Logger
    private let listening: AsyncStream<Void>
    private let opened: AsyncStream<Void>.Continuation

    public init(listen address: ListenAddress, logger: Logger, routes: [HTTPRoute]) {
        (self.address, self.routes, self.logger) = (address, routes, logger)
        (listening, opened) = AsyncStream.makeStream()
    }

    /// Waits until clients can connect, so that work begins only once the port is known to be free.
    ///
    /// - Returns: false when the task was cancelled before: the server did not come up.
    public func waitUntilListening() async -> Bool {
        for await _ in listening { return true }
        return false
    }

    /// Answers until the service group ends it.
    ///
    /// - Throws: `HTTPServiceError` when the address cannot be listened on.
    public func run() async throws {
        // Its own messages repeat what is logged here.
        var quiet = logger
        quiet.logLevel = .error
        let application = Application(
            router: router(),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                serverName: nil
            ),
            onServerRunning: { [opened, logger] channel in
                let place = channel.localAddress.flatMap { address in
                    address.port.map { "\(address.ipAddress ?? ""):\($0)" }
                }
                logger.info("answers HTTP", metadata: ["address": "\(place ?? "unknown")"])
                opened.yield()
                opened.finish()
            },
            logger: quiet
        )
        do {
            try await application.run()
        } catch let error as IOError {
            throw HTTPServiceError(address: address, reason: String(cString: strerror(error.errnoCode)))
        } catch let error as SocketAddressError {
            throw HTTPServiceError(address: address, reason: "\(error)")
        }
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        for route in routes {
            guard let method = HTTPRequest.Method(route.method.rawValue) else {
                preconditionFailure("GET, PUT and POST are methods of HTTP")
            }
            router.on(RouterPath(route.path), method: method) { request, context in
                if route.method != .get, Self.isForeign(request) {
                    return Self.response(.text("refused: asked by a page of another site", status: 403))
                }
                let parameters = context.parameters.map {
                    (String($0.key), $0.value.removingPercentEncoding ?? String($0.value))
                }
                return Self.response(
                    await route.answer(HTTPQuestion(parameters: .init(parameters) { $1 }))
                )
            }
        }
        return router
    }

    /// Whether a browser sends it for a page that does not come from here: a loopback address does not keep
    /// such pages from commanding this program.
    private static func isForeign(_ request: Request) -> Bool {
        guard let origin = request.headers[.origin] else { return false }
        return origin != "http://\(request.head.authority ?? "")"
    }

    private static func response(_ answer: HTTPAnswer) -> Response {
        var headers: HTTPFields = [.contentType: answer.contentType, .cacheControl: "no-store"]
        for (name, value) in answer.headers {
            guard let field = HTTPField.Name(name) else {
                preconditionFailure("\(name) is a name of a header")
            }
            headers[field] = value
        }
        return Response(
            status: .init(code: answer.status),
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(string: answer.body))
        )
    }
}

/// Why the HTTP server cannot listen.
public struct HTTPServiceError: Error, Sendable, CustomStringConvertible {
    public let address: ListenAddress
    public let reason: String

    public var description: String {
        "cannot listen on \(address): \(reason); give another address, or end the program that has this one"
    }
}
