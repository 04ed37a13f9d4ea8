internal import CMicroHTTPD
import Synchronization

/// An answer that is made while its connection rests in the library.
final class AwaitedAnswer: Sendable {
    private let made = Mutex<HTTPAnswer?>(nil)

    /// The answer; a refusal where the server ends before it was made.
    var answer: HTTPAnswer { made.withLock { $0 } ?? .refusal(503, "refused: the server ends") }

    /// Makes the answer in a task of its own, and then has the connection go on.
    func make(
        _ answer: @escaping @Sendable () async -> HTTPAnswer,
        for number: UInt,
        _ resting: RestingConnections
    ) {
        Task {
            let answer = await answer()
            made.withLock { $0 = answer }
            resting.goOn(number)
        }
    }
}

/// The connections whose answers are being made elsewhere; they are as many as the server has connections at most.
///
/// The library ends the process when it is stopped while one rests (`MHD_stop_daemon`): that is why they are known,
/// and why a connection is put to rest and woken under the lock.
final class RestingConnections: Sendable {
    private struct State {
        var isClosed = false
        var numbers: Set<UInt> = []
    }

    private let state = Mutex(State())

    /// Puts a connection to rest; called by the library's thread, which asks again when it goes on.
    ///
    /// - Returns: the connection's number; `nil` when the server ends and nothing may rest any more.
    func rest(_ connection: OpaquePointer) -> UInt? {
        let number = UInt(bitPattern: connection)
        return state.withLock { state in
            guard !state.isClosed else { return nil }
            // SAFETY: the library asks about this connection just now, on the thread that this is.
            MHD_suspend_connection(connection)
            state.numbers.insert(number)
            return number
        }
    }

    /// Has a connection go on, unless all were told to already; from any thread.
    func goOn(_ number: UInt) {
        state.withLock { state in
            if state.numbers.remove(number) != nil { Self.wake(number) }
        }
    }

    /// Has all go on; nothing rests afterwards.
    func close() {
        state.withLock { state in
            state.isClosed = true
            for number in state.numbers { Self.wake(number) }
            state.numbers = []
        }
    }

    private static func wake(_ number: UInt) {
        // SAFETY: the library keeps a connection that rests, whatever the client does, until it is told to go on.
        MHD_resume_connection(OpaquePointer(bitPattern: number))
    }
}
