import CCurl
import Glibc
import Synchronization

/// How tasks talk to the request thread: a list of orders, and a bell that ends its wait.
final class RequestInbox: Sendable {
    typealias Reply = Result<HTTPReply, HTTPRequestError>

    enum Order: Sendable {
        case send(id: UInt, Request, CheckedContinuation<Reply, Never>)
        case cancel(id: UInt)
    }

    private struct Content {
        var orders: [Order] = []
        var isClosed = false
    }

    private let content = Mutex(Content())
    /// An eventfd(2).
    ///
    /// libcurl's own bell, `curl_multi_wakeup`, would take a pointer out of the thread that owns it.
    let bell: Int32

    /// `nil` when the process has no descriptor left.
    init?() {
        bell = handover_eventfd()
        guard bell >= 0 else { return nil }
    }

    deinit {
        Glibc.close(bell)
    }

    /// Gives an order to the thread; false: the inbox is closed, and nobody will look at it.
    func put(_ order: Order) -> Bool {
        let isOpen = content.withLock { content in
            guard !content.isClosed else { return false }
            content.orders.append(order)
            return true
        }
        if isOpen { ring() }
        return isOpen
    }

    /// Takes no more orders; the thread ends the requests and itself.
    func close() {
        content.withLock { $0.isClosed = true }
        ring()
    }

    /// What came since the last call, in its order.
    ///
    /// Called by the thread alone, after each wait. The bell is silenced first: an order that comes after
    /// that rings again.
    func take() -> (orders: [Order], isClosed: Bool) {
        var count: UInt64 = 0
        // SAFETY: an eventfd gives 8 bytes or none, and the variable has 8.
        _ = read(bell, &count, MemoryLayout<UInt64>.size)
        return content.withLock { content in
            defer { content.orders = [] }
            return (content.orders, content.isClosed)
        }
    }

    private func ring() {
        var one: UInt64 = 1
        // SAFETY: an eventfd takes 8 bytes, and the variable has 8. It fails only when it is about to
        // overflow: it rings then.
        _ = write(bell, &one, MemoryLayout<UInt64>.size)
    }
}
