internal import CMicroHTTPD
import Glibc

/// What the kernel knows of the bytes that clients have sent.
struct ClientBytes {
    /// Whether some of a connection's are here that the library has yet to read; its end and an error are none.
    let areUnread: (Int32) -> Bool
    /// How many ever came on a connection, read or not; `nil` when the kernel does not tell, as of a Unix socket.
    let received: (Int32) -> UInt64?

    /// Nobody has ever sent anything.
    static var none: ClientBytes { ClientBytes(areUnread: { _ in false }, received: { _ in 0 }) }

    /// The kernel's own answers.
    static var kernel: ClientBytes {
        ClientBytes(
            areUnread: {
                var byte: UInt8 = 0
                // SAFETY: at most one byte is written. It is only looked at: the library reads it in its own time.
                return recv($0, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0
            },
            received: {
                let count = server_connection_received($0)
                return count < 0 ? nil : UInt64(count)
            }
        )
    }
}
