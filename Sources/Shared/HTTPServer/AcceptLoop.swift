internal import CMicroHTTPD
import Glibc
internal import Logs
import Synchronization

/// Accepts connections, hands them to the daemon, and shuts down those whose time is over.
///
/// A descriptor is shut down under the table's lock, while it is in the table: the library takes it out, under
/// the same lock, before it closes it. So the number still means that connection.
struct AcceptLoop: ~Copyable {
    /// Connections taken in one go, before deadlines are looked at again.
    private static let batch = 64
    /// How long no connection is accepted after the system refused one.
    private static let pause = Duration.milliseconds(50)

    private let core: ServerCore
    private let daemon: Daemon
    private var reserve = ReserveDescriptor()
    private var pausedUntil = ContinuousClock.now
    private var isShort = false

    init(_ core: ServerCore, _ daemon: consuming Daemon) {
        self.core = core
        self.daemon = daemon
    }

    /// Serves until the core is asked to end; then finishes what is being answered.
    mutating func run(_ socket: consuming ListenSocket) {
        while !core.isEnding {
            shutDown { $0.sweep(at: .now, .kernel) }
            wait(for: socket.descriptor)
            acceptWaiting(at: socket)
        }
        // Closed, and its file removed: who comes now is told so at once.
        _ = consume socket
        defer { core.resting.close() }
        let end = ContinuousClock.now + core.limits.endDeadline
        while ContinuousClock.now < end {
            shutDown { $0.sweep(at: .now, .kernel) + $0.evictAllWaiting() }
            guard core.table.withLock({ $0.isBusy }) else { return }
            wait(for: -1)
        }
    }

    /// Waits for a connection, a wake, or the next look at the deadlines.
    private borrowing func wait(for socket: Int32) {
        let now = ContinuousClock.now
        let (isEmpty, isCongested, opening) = core.table.withLock {
            ($0.isEmpty, $0.isCongested, $0.opening(at: now, .kernel))
        }
        let pauseEnd = max(pausedUntil, opening ?? now)
        let isPaused = now < pauseEnd
        var timeout: Duration? = isEmpty && !core.isEnding ? nil : core.limits.tick
        if isPaused { timeout = min(timeout ?? Self.pause, pauseEnd - now) }
        // A negative descriptor is left out by poll.
        var entries = [
            pollfd(fd: core.wake.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: isPaused || isCongested ? -1 : socket, events: Int16(POLLIN), revents: 0),
        ]
        // One millisecond more: a wait that is rounded down would turn on its heel at the end.
        poll(&entries, nfds_t(entries.count), timeout.map { Int32($0 / .milliseconds(1)) + 1 } ?? -1)
        if entries[0].revents != 0 { core.wake.lower() }
    }

    private mutating func acceptWaiting(at socket: borrowing ListenSocket) {
        guard ContinuousClock.now >= pausedUntil else { return }
        for _ in 0..<Self.batch {
            guard !core.isEnding, core.table.withLock({ $0.isOpen(at: .now, .kernel) }) else {
                return
            }
            switch socket.accept() {
            case .connection(let descriptor, let peer, let length):
                isShort = false
                hand(descriptor, peer, length)
                reserve.refill()
            case .lost: continue
            case .none: return
            case .shortage(let code):
                relieve(code)
                // The reserve is given to the client that waits.
                if reserve.spend() { continue }
                pausedUntil = .now + Self.pause
                return
            case .failure(let code):
                core.logger.error("cannot accept connections", metadata: ["error": "\(errorText(code))"])
                pausedUntil = .now + .seconds(1)
                return
            }
        }
    }

    /// Gives a connection to the daemon, and the place of another one to it if there is none left.
    private borrowing func hand(_ descriptor: Int32, _ peer: sockaddr_storage, _ length: socklen_t) {
        guard let local = LocalAddress(descriptor) else {
            close(descriptor)
            return
        }
        core.table.withLock { table in
            let evicted = table.admit(
                descriptor,
                through: local.door,
                from: PeerAddress(peer),
                at: .now,
                after: .milliseconds(server_connection_silence(descriptor)),
                .kernel
            )
            for descriptor in evicted { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        if !daemon.add(descriptor, peer, length) { core.table.withLock { $0.remove(descriptor) } }
    }

    /// Has a descriptor freed, and says once that they are short.
    private mutating func relieve(_ code: Int32) {
        shutDown { $0.evictOldestWaiting() }
        guard !isShort else { return }
        isShort = true
        core.logger.warning(
            "short of descriptors or memory: idle connections are closed",
            metadata: ["error": "\(errorText(code))"]
        )
    }

    private borrowing func shutDown(_ choose: (inout ConnectionTable) -> [Int32]) {
        core.table.withLock { table in
            for descriptor in choose(&table) { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }
}

/// A descriptor kept for when there is no other: with it, a client that waits is answered all the same.
private struct ReserveDescriptor: ~Copyable {
    private var descriptor: Int32 = -1

    init() {
        refill()
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Takes one again, if there is one to take.
    mutating func refill() {
        if descriptor < 0 { descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC) }
    }

    /// Frees it for another use.
    ///
    /// - Returns: whether there was one.
    mutating func spend() -> Bool {
        guard descriptor >= 0 else { return false }
        close(descriptor)
        descriptor = -1
        return true
    }
}
