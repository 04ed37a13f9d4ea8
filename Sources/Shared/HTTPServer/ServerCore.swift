internal import Logs
import Synchronization

/// What the thread that accepts and the library's thread share.
final class ServerCore: Sendable {
    let routes: RouteTable
    let admission: Admission
    let limits: HTTPLimits
    let logger: Logger
    let table: Mutex<ConnectionTable>
    let wake: WakeSignal
    let resting = RestingConnections()
    private let ending = Atomic<Bool>(false)
    /// What the library says while it starts, for the error; `nil` once it runs.
    private let startingLines = Mutex<[String]?>([])

    init(
        routes: [HTTPRoute],
        admission: Admission,
        limits: HTTPLimits,
        logger: Logger,
        wake: WakeSignal
    ) {
        (self.routes, self.admission, self.limits) = (RouteTable(routes), admission, limits)
        (self.logger, self.wake) = (logger, wake)
        table = Mutex(ConnectionTable(limits))
    }

    /// Whether the service is to end: no connection is kept for another question.
    var isEnding: Bool { ending.load(ordering: .acquiring) }

    /// Ends the service; from any thread, and more than once.
    func end() {
        ending.store(true, ordering: .releasing)
        wake.raise()
    }

    /// Takes a line that the library would print.
    func note(_ line: String) {
        let isStarting = startingLines.withLock { lines in
            lines?.append(line)
            return lines != nil
        }
        if !isStarting { logger.debug("the HTTP library has a remark", metadata: ["remark": "\(line)"]) }
    }

    /// What the library said while it started; from now on its lines are logged.
    func takeStartingLines() -> [String] {
        startingLines.withLock { lines in
            defer { lines = nil }
            return lines ?? []
        }
    }
}
