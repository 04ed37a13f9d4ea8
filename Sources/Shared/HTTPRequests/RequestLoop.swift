import CCurl
import Glibc

/// What the request thread does until its inbox is closed.
///
/// It lives on the thread's stack.
struct RequestLoop: ~Copyable {
    private typealias Waiting = (
        request: Request, continuation: CheckedContinuation<RequestInbox.Reply, Never>
    )

    private let inbox: RequestInbox
    private let idleLimit: Duration
    private var waiting: [UInt: Waiting] = [:]
    /// `nil` while no connection is open.
    private var multi: MultiHandle?
    private var lastUse = ContinuousClock.now

    /// Starts the thread.
    ///
    /// - Returns: what it is joined by, once the inbox is closed; `nil` when the system has no thread left.
    static func start(_ inbox: RequestInbox, idleLimit: Duration) -> pthread_t? {
        // Signals of the process are for others, and so is SIGPIPE, which OpenSSL's writes to a closed
        // connection raise. What the thread itself does wrong stays its own.
        var signals = sigset_t()
        var before = sigset_t()
        sigfillset(&signals)
        for signal in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&signals, signal) }
        pthread_sigmask(SIG_SETMASK, &signals, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

        var thread = pthread_t()
        let start = Unmanaged.passRetained(Start(inbox: inbox, idleLimit: idleLimit))
        let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            guard let context else { return nil }
            handover_name_thread("http-requests")
            // SAFETY: retained above for exactly this thread.
            let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
            var loop = RequestLoop(start)
            loop.run()
            return nil
        }
        guard pthread_create(&thread, nil, entry, start.toOpaque()) == 0 else {
            // SAFETY: there is no thread that could take it.
            start.release()
            return nil
        }
        return thread
    }

    private final class Start: Sendable {
        let inbox: RequestInbox
        let idleLimit: Duration

        init(inbox: RequestInbox, idleLimit: Duration) {
            self.inbox = inbox
            self.idleLimit = idleLimit
        }
    }

    private init(_ start: Start) {
        inbox = start.inbox
        idleLimit = start.idleLimit
    }

    private mutating func run() {
        while true {
            let (orders, isClosed) = inbox.take()
            for order in orders { carryOut(order) }
            if isClosed { break }
            do throws(MultiHandle.Failure) {
                try step()
            } catch {
                endAll(.other, "libcurl cannot go on", detail: error.message)
                // It has no memory or descriptors: at once is too early to try again.
                usleep(10_000)
            }
        }
        endAll(.cancelled, "the process ends")
    }

    /// Moves all transfers on, answers those that have ended, and waits for more.
    private mutating func step() throws(MultiHandle.Failure) {
        guard multi != nil else {
            var bell = pollfd(fd: inbox.bell, events: Int16(POLLIN), revents: 0)
            // SAFETY: one element, as the count says, that lives through the call.
            poll(&bell, 1, -1)
            return
        }
        try multi?.perform()
        while let (id, transfer, code) = multi?.nextEnded() {
            answer(id, transfer.result(code))
            lastUse = .now
        }
        guard multi?.isIdle == true else {
            // libcurl knows its own deadlines, and waits no longer than until the next one.
            try multi?.wait(alsoFor: inbox.bell, milliseconds: 1_000)
            return
        }
        let left = lastUse + idleLimit - .now
        guard left > .zero else {
            multi = nil
            return
        }
        let (seconds, attoseconds) = left.components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000 + 1
        try multi?.wait(alsoFor: inbox.bell, milliseconds: Int32(clamping: milliseconds))
    }

    private mutating func carryOut(_ order: RequestInbox.Order) {
        switch order {
        case .send(let id, let request, let continuation):
            waiting[id] = (request, continuation)
            do throws(HTTPRequestError) {
                try begin(request, id: id)
            } catch {
                answer(id, .failure(error))
            }
        case .cancel(let id):
            multi?.remove(id)
            // An answer may have come first: then nobody waits any more.
            guard let (request, _) = waiting[id] else { return }
            let error = HTTPRequestError(
                url: request.target.shown,
                cause: .cancelled,
                reason: "the request was cancelled"
            )
            answer(id, .failure(error))
        }
        lastUse = .now
    }

    private mutating func begin(_ request: Request, id: UInt) throws(HTTPRequestError) {
        let transfer = try Transfer(request, id: id)
        if multi == nil { multi = MultiHandle() }
        do throws(MultiHandle.Failure) {
            guard multi != nil else { throw MultiHandle.Failure(message: "out of memory or descriptors") }
            try multi?.add(transfer, id: id)
        } catch {
            throw HTTPRequestError(
                url: request.target.shown,
                cause: .other,
                reason: "libcurl cannot begin the request",
                detail: error.message
            )
        }
    }

    private mutating func answer(_ id: UInt, _ result: RequestInbox.Reply) {
        waiting.removeValue(forKey: id)?.continuation.resume(returning: result)
    }

    private mutating func endAll(_ cause: HTTPRequestError.Cause, _ reason: String, detail: String? = nil) {
        multi = nil
        for (id, (request, _)) in waiting {
            let url = request.target.shown
            answer(id, .failure(HTTPRequestError(url: url, cause: cause, reason: reason, detail: detail)))
        }
    }
}
