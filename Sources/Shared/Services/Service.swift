/// Work that goes on until it is asked to end.
public protocol Service: Sendable {
    /// Works until it is done, or until the end is requested: see `withGracefulShutdownHandler`.
    ///
    /// It runs beside the other services of its group and must not block: work that does belongs on a thread
    /// of its own. When its task is cancelled, it has to return at once.
    func run() async throws
}

/// Why a service group ended otherwise than in order, where no service says so itself.
public enum ServiceGroupError: Error, Equatable, CustomStringConvertible {
    /// A service returned that nobody had asked to end, and that does not end its group.
    case endedUnexpectedly(service: String)
    /// The services that had not ended after the group's patience; they were cancelled.
    case overdue(services: [String])
    /// The system gave no pipe for the signals.
    case noPipe(code: Int32)

    public var description: String {
        switch self {
        case .endedUnexpectedly(let service):
            "\(service) ended, although nobody asked it to: see what it logged before"
        case .overdue(let services):
            "cancelled, not having ended in time: \(services.joined(separator: ", ")); see what it waits for"
        case .noPipe(let code):
            "cannot wait for signals: pipe(2) failed with error \(code); raise the limit of open files"
        }
    }
}
