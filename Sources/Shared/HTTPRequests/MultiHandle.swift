import CCurl
import Glibc

/// libcurl's multi handle: the connections, those that are kept for later as well, and the transfers on them.
///
/// It belongs to the thread that made it.
struct MultiHandle: ~Copyable {
    /// What libcurl says when it cannot go on.
    struct Failure: Error {
        let message: String
    }

    /// As many connections stay open without a request; what exceeds it, the oldest first, is closed.
    private static let keptConnections = 8

    private let handle: UnsafeMutableRawPointer
    private var transfers: [UInt: Transfer] = [:]

    /// `nil` when memory or descriptors have run out.
    init?() {
        guard let handle = curl_multi_init() else { return nil }
        self.handle = handle
        let code = handover_multi_set_long(handle, CURLMOPT_MAXCONNECTS, Self.keptConnections)
        precondition(code == CURLM_OK, "CURLMOPT_MAXCONNECTS is known since libcurl 7.16")
    }

    deinit {
        // SAFETY: transfers leave the multi handle before it ends (curl_multi_cleanup), and they live until
        // after this.
        for transfer in transfers.values {
            _ = transfer.withHandle { curl_multi_remove_handle(handle, $0) }
        }
        curl_multi_cleanup(handle)
    }

    /// Whether no transfer is on its way.
    var isIdle: Bool { transfers.isEmpty }

    mutating func add(_ transfer: Transfer, id: UInt) throws(Failure) {
        // SAFETY: the transfer is held until its handle is removed.
        try Self.check(transfer.withHandle { curl_multi_add_handle(handle, $0) })
        transfers[id] = transfer
    }

    /// Ends a transfer; its connection is closed unless its reply is complete.
    @discardableResult
    mutating func remove(_ id: UInt) -> Transfer? {
        guard let transfer = transfers.removeValue(forKey: id) else { return nil }
        // SAFETY: the handle was added by `add`, and is alive as the transfer is.
        _ = transfer.withHandle { curl_multi_remove_handle(handle, $0) }
        return transfer
    }

    /// Sends and takes what can be sent and taken without waiting.
    func perform() throws(Failure) {
        var running: Int32 = 0
        try Self.check(curl_multi_perform(handle, &running))
    }

    /// The next transfer that has ended, removed, with libcurl's code for how.
    mutating func nextEnded() -> (id: UInt, transfer: Transfer, code: CURLcode)? {
        var left: Int32 = 0
        // SAFETY: the message is read before the next call that could free it (curl_multi_info_read).
        while let message = curl_multi_info_read(handle, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else {
                continue
            }
            // SAFETY: CURLMSG_DONE is the kind of message whose union has a result.
            let code = message.pointee.data.result
            let id = UInt(bitPattern: handover_get_private(easy))
            if let transfer = remove(id) { return (id, transfer, code) }
        }
        return nil
    }

    /// Waits for the network, for `descriptor` to be readable, or for the time to pass.
    func wait(alsoFor descriptor: Int32, milliseconds: Int32) throws(Failure) {
        var extra = curl_waitfd(fd: descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
        // SAFETY: one element, as the count says, that lives through the call.
        try Self.check(curl_multi_poll(handle, &extra, 1, milliseconds, nil))
    }

    private static func check(_ code: CURLMcode) throws(Failure) {
        guard code != CURLM_OK else { return }
        throw Failure(message: String(cString: curl_multi_strerror(code)))
    }
}
