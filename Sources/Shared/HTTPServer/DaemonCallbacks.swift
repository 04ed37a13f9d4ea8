internal import CMicroHTTPD
import Glibc
import Synchronization

/// What libmicrohttpd calls, on its one thread; `context` is the daemon's `ServerCore` everywhere.
enum DaemonCallbacks {
    /// A request's first line is there: its `Exchange` begins, which `completed` ends.
    static let requestLine:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) ->
            UnsafeMutableRawPointer? =
            { context, target, connection in
                guard let core = core(context), let connection else { return nil }
                enter(.head, connection, core)
                // SAFETY: the library gives the target as a C string.
                let bytes = target.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
                return Unmanaged.passRetained(Exchange(target: bytes ?? [])).toOpaque()
            }

    /// The head is there; then a piece of the body, as often as there are some; then the question's end.
    static let answer: MHD_AccessHandlerCallback = { context, connection, _, method, _, piece, count, slot in
        guard let core = core(context), let connection, let method, let count,
            let exchange = exchange(slot)
        else { return .NO }
        if !exchange.hasBegun {
            // SAFETY: the library gives the method as a C string.
            let reader = HeadReader(
                method: Array(UnsafeRawBufferPointer(start: method, count: strlen(method))),
                target: exchange.target
            )
            // SAFETY: the iteration ends before the reader does, and runs on this thread.
            MHD_get_connection_values_n(
                connection,
                .HEADER_KIND,
                collect,
                Unmanaged.passUnretained(reader).toOpaque()
            )
            let descriptor = server_connection_socket(connection)
            let door = core.table.withLock { $0.door(of: descriptor) }
            switch exchange.begin(reader.head, through: door, core) {
            case .answer(let answer): return send(answer, connection, core)
            case .read(let hasBody):
                if hasBody { enter(.body, connection, core) }
                return .YES
            }
        }
        guard count.pointee == 0 else {
            // SAFETY: the library gives as many bytes as it says; that all of them are taken is told by a 0.
            let bytes = UnsafeRawBufferPointer(start: piece, count: count.pointee)
            count.pointee = 0
            return exchange.take(bytes, core.limits) ? .YES : .NO
        }
        if let awaited = exchange.awaited { return send(awaited.answer, connection, core) }
        // From here on the client waits for the server, however long the answer takes to make.
        enter(.answer, connection, core)
        switch exchange.finish(core.limits) {
        case .answer(let answer): return send(answer, connection, core)
        case .wait(let make):
            let awaited = AwaitedAnswer()
            guard let number = core.resting.rest(connection) else {
                return send(awaited.answer, connection, core)
            }
            exchange.awaited = awaited
            awaited.make(make, for: number, core.resting)
            return .YES
        }
    }

    /// A request ended, answered or not.
    static let completed: MHD_RequestCompletedCallback = { context, connection, slot, _ in
        // SAFETY: retained by `requestLine` for this request, and the slot is emptied.
        if let slot, let opaque = slot.pointee { Unmanaged<Exchange>.fromOpaque(opaque).release() }
        slot?.pointee = nil
        guard let core = core(context), let connection else { return }
        enter(.idle, connection, core)
        if core.isEnding { core.wake.raise() }
    }

    /// A connection begins, or is about to be closed: the library closes the descriptor after this call.
    static let connectionChanged: MHD_NotifyConnectionCallback = { context, connection, _, change in
        guard let core = core(context), let connection else { return }
        let descriptor = server_connection_socket(connection)
        switch change {
        case .CONNECTION_NOTIFY_STARTED:
            if core.table.withLock({ $0.start(descriptor) }) { shutdown(descriptor, Int32(SHUT_RDWR)) }
        case .CONNECTION_NOTIFY_CLOSED:
            let isAwaited = core.table.withLock { table in
                defer { table.remove(descriptor) }
                return table.isCongested
            }
            if isAwaited || core.isEnding { core.wake.raise() }
        @unknown default: return
        }
    }

    /// Leaves texts as they came: the server decodes them itself, after it has cut them.
    static let unescape:
        @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<CChar>?) -> Int = {
            _,
            _,
            text in
            // SAFETY: the library gives a C string.
            text.map { strlen($0) } ?? 0
        }

    /// What the library would print.
    static let log: MHD_LogCallback = { context, format, arguments in
        guard let core = core(context), let format, let arguments else { return }
        var buffer = [CChar](repeating: 0, count: 512)
        // SAFETY: format and arguments belong together, as the library says; the buffer's size is given.
        vsnprintf(&buffer, buffer.count, format, arguments)
        var bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        core.note(String(decoding: bytes, as: UTF8.self))
    }

    private static let collect: MHD_KeyValueIteratorN = { context, _, name, nameCount, value, valueCount in
        guard let context, let name else { return .YES }
        // SAFETY: `answer` passes its reader, which lives until the iteration has ended.
        let reader = Unmanaged<HeadReader>.fromOpaque(context).takeUnretainedValue()
        // SAFETY: the library gives as many bytes as it says; a header without a value has none.
        reader.head.add(
            UnsafeRawBufferPointer(start: name, count: nameCount),
            UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueCount)
        )
        return .YES
    }

    private static func core(_ context: UnsafeMutableRawPointer?) -> ServerCore? {
        // SAFETY: the daemon retains its core until the library's thread has ended.
        context.map { Unmanaged<ServerCore>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func exchange(_ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> Exchange? {
        // SAFETY: the slot has what `requestLine` returned for this request, until `completed` releases it.
        slot?.pointee.map { Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func enter(_ phase: ConnectionTable.Phase, _ connection: OpaquePointer, _ core: ServerCore)
    {
        let descriptor = server_connection_socket(connection)
        let received = phase == .idle ? ClientBytes.kernel.received(descriptor) : nil
        core.table.withLock { $0.enter(phase, descriptor, at: .now, received: received) }
    }

    private static func send(_ answer: HTTPAnswer, _ connection: OpaquePointer, _ core: ServerCore)
        -> MHD_Result
    {
        enter(.answer, connection, core)
        guard let reply = Reply(answer, isLast: core.isEnding) ?? Reply(Reply.unsendable, isLast: true) else {
            return .NO
        }
        return reply.queue(on: connection)
    }
}

/// Gathers a head, header by header.
private final class HeadReader {
    var head: RequestHead

    init(method: [UInt8], target: [UInt8]) {
        head = RequestHead(method: method, target: target)
    }
}
