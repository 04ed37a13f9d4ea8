internal import CMicroHTTPD
import Glibc

/// libmicrohttpd's daemon: one thread that reads requests, has them answered, and sends the answers.
///
/// It lives on the thread that accepts; its end waits for the library's thread, which then has closed all
/// connections.
struct Daemon: ~Copyable {
    /// TLS 1.2 and 1.3 with GnuTLS' usual ciphers.
    private static let priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

    private let handle: OpaquePointer
    private let core: Unmanaged<ServerCore>

    /// - Throws: `HTTPServiceError` with what the library says.
    init(_ core: ServerCore, tls: TLSIdentity?, listen address: ListenAddress) throws(HTTPServiceError) {
        let retained = Unmanaged.passRetained(core)
        let handle = Self.start(retained, core.limits, tls, rests: core.routes.haveLater)
        let remarks = core.takeStartingLines()
        guard let handle else {
            retained.release()
            let remark =
                remarks.isEmpty ? "the HTTP library gives no reason" : remarks.joined(separator: "; ")
            throw tls.map {
                HTTPServiceError(
                    address: address,
                    reason: "\($0) is not accepted: \(remark)",
                    advice: "give a certificate in PEM and the key that belongs to it"
                )
            }
                ?? HTTPServiceError(
                    address: address,
                    reason: remark,
                    advice: "free threads, descriptors or memory"
                )
        }
        (self.handle, self.core) = (handle, retained)
    }

    deinit {
        // Joins the library's thread: no callback runs afterwards, so the core that they use can go.
        MHD_stop_daemon(handle)
        core.release()
    }

    /// Hands a connection over, and with it the duty to close it.
    ///
    /// - Returns: false when the library has no memory for it, and has closed it.
    func add(_ descriptor: Int32, _ peer: sockaddr_storage, _ length: socklen_t) -> Bool {
        var peer = peer
        return withUnsafePointer(to: &peer) {
            // SAFETY: the library copies `length` bytes of what the kernel wrote as the peer's address.
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                MHD_add_connection(handle, descriptor, $0, length)
            }
        } == .YES
    }

    private static func start(
        _ core: Unmanaged<ServerCore>,
        _ limits: HTTPLimits,
        _ tls: TLSIdentity?,
        rests: Bool
    ) -> OpaquePointer? {
        var options = server_daemon_options()
        options.rests = rests ? 1 : 0
        options.context = core.toOpaque()
        // The table keeps the limit; the library's own must never be reached, for it closes without asking.
        options.connections = UInt32(clamping: max(1, limits.connections) * 2 + 16)
        options.connection_memory = max(2_048, limits.connectionMemory)
        options.request_line = DaemonCallbacks.requestLine
        options.answer = DaemonCallbacks.answer
        options.completed = DaemonCallbacks.completed
        options.connection_changed = DaemonCallbacks.connectionChanged
        options.unescape = DaemonCallbacks.unescape
        options.log = DaemonCallbacks.log
        guard let tls else { return server_daemon_start(&options) }
        // SAFETY: the library reads these three C strings while it starts: GnuTLS makes copies of its own.
        return (tls.certificate + [0]).withUnsafeBufferPointer { certificate in
            (tls.key + [0]).withUnsafeBufferPointer { key in
                certificate.withMemoryRebound(to: CChar.self) { certificate in
                    key.withMemoryRebound(to: CChar.self) { key in
                        priorities.withCString { priorities in
                            options.certificate = certificate.baseAddress
                            options.key = key.baseAddress
                            options.priorities = priorities
                            return server_daemon_start(&options)
                        }
                    }
                }
            }
        }
    }
}
