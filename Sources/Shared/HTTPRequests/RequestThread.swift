import CCurl
import Glibc
import Synchronization

/// The thread that drives all requests of the process, started by the first one.
///
/// One thread is enough, as libcurl waits for all connections at once, and it keeps them for the next
/// requests. libcurl's handles are local to the thread's function; what others share with it is the inbox.
final class RequestThread: Sendable {
    /// The process's own.
    ///
    /// It ends when the process exits.
    static let shared: RequestThread = {
        let thread = RequestThread()
        // OpenSSL frees its state by a function of atexit(3) that libcurl's set-up has registered. Functions
        // run in reverse order, so the thread has ended before; in the midst of a handshake it would use
        // freed memory.
        atexit { RequestThread.shared.end() }
        return thread
    }()

    /// libcurl's set-up, once a process.
    private static let setUp: CURLcode = curl_global_init(handover_global_default)

    private enum Stage {
        case unused
        case running(RequestInbox, pthread_t)
        case ended
    }

    private let stage = Mutex(Stage.unused)
    private let lastID = Atomic<UInt>(0)
    private let idleLimit: Duration

    /// - Parameter idleLimit: how long connections are kept while no request is made at all.
    init(idleLimit: Duration = .seconds(60)) {
        let code = Self.setUp
        precondition(code == CURLE_OK, "libcurl cannot be set up: error \(code.rawValue)")
        self.idleLimit = idleLimit
    }

    /// What a request is answered with.
    ///
    /// - Throws: `HTTPRequestError`, of the cause `cancelled` when the task is cancelled.
    func reply(to request: Request) async throws(HTTPRequestError) -> HTTPReply {
        let inbox = try startedInbox(for: request)
        let id = lastID.add(1, ordering: .relaxed).newValue
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard inbox.put(.send(id: id, request, continuation)) else {
                    continuation.resume(returning: .failure(Self.ended(request)))
                    return
                }
                // The handler below may have run before the request was there to be cancelled.
                if Task.isCancelled { _ = inbox.put(.cancel(id: id)) }
            }
        } onCancel: {
            _ = inbox.put(.cancel(id: id))
        }
        return try result.get()
    }

    /// Ends all requests and the thread; requests that come later fail.
    func end() {
        let running = stage.withLock { stage -> (RequestInbox, pthread_t)? in
            defer { stage = .ended }
            guard case .running(let inbox, let thread) = stage else { return nil }
            return (inbox, thread)
        }
        guard let (inbox, thread) = running else { return }
        inbox.close()
        pthread_join(thread, nil)
    }

    private func startedInbox(for request: Request) throws(HTTPRequestError) -> RequestInbox {
        let inbox = stage.withLock { stage -> Result<RequestInbox, HTTPRequestError> in
            switch stage {
            case .running(let inbox, _): return .success(inbox)
            case .ended: return .failure(Self.ended(request))
            case .unused:
                guard let inbox = RequestInbox(),
                    let thread = RequestLoop.start(inbox, idleLimit: idleLimit)
                else {
                    let reason = "the process has no thread or descriptor left"
                    return .failure(
                        HTTPRequestError(url: request.target.shown, cause: .other, reason: reason)
                    )
                }
                stage = .running(inbox, thread)
                return .success(inbox)
            }
        }
        return try inbox.get()
    }

    private static func ended(_ request: Request) -> HTTPRequestError {
        HTTPRequestError(url: request.target.shown, cause: .cancelled, reason: "the process ends")
    }
}
