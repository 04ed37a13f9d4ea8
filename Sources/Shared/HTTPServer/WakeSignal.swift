internal import CMicroHTTPD
import Glibc

/// Wakes the thread that accepts, from any thread.
final class WakeSignal: Sendable {
    /// An eventfd; readable once it was raised.
    let descriptor: Int32

    /// - Throws: the system's `errno`.
    init() throws(SystemError) {
        descriptor = server_wake_open()
        guard descriptor >= 0 else { throw SystemError(code: errno) }
    }

    deinit {
        close(descriptor)
    }

    func raise() {
        server_wake_raise(descriptor)
    }

    func lower() {
        server_wake_lower(descriptor)
    }
}

/// An `errno`, or why a name has no address.
struct SystemError: Error {
    /// 0 when the name is at fault.
    var code: Int32
    /// `getaddrinfo`'s code.
    var resolution: Int32 = 0

    init(code: Int32, resolution: Int32 = 0) {
        (self.code, self.resolution) = (code, resolution)
    }

    /// What it means, for people.
    var text: String {
        // SAFETY: gai_strerror returns a constant C string for every code.
        code == 0
            ? gai_strerror(resolution).map { String(cString: $0) } ?? "error \(resolution)" : errorText(code)
    }
}
