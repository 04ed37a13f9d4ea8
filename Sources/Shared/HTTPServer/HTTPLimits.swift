/// What one server spends on its clients.
///
/// The deadlines are absolute: each phase of a connection ends with them however many bytes trickle in. They are
/// kept to a quarter of a second, or a quarter of the shortest of them.
public struct HTTPLimits: Sendable, Equatable {
    /// Connections at a time.
    ///
    /// One more takes the place of the client that the server has waited for the longest: for a question or, where
    /// half of them are in the middle of a body or an answer, for the rest of that.
    public var connections = 64
    /// Connections from one address, /64 for IPv6; loopback addresses and Unix sockets are not counted.
    public var connectionsPerAddress = 16
    /// What a client has, from its connection on, to send the first bytes before its place is given to another.
    ///
    /// In a flood, newcomers wait for as long in the kernel's queue; a question that came meanwhile is answered then.
    public var grace = Duration.milliseconds(250)
    /// Bytes of memory for a connection's head and answer's head.
    public var connectionMemory = 32 * 1_024
    /// Bytes of a request's body.
    public var bodyBytes = 1_048_576
    /// From the connection, or a request's first line, to the end of the head; TLS' handshake is within.
    public var headerDeadline = Duration.seconds(5)
    /// From the end of the head to the end of the body.
    public var bodyDeadline = Duration.seconds(10)
    /// From the end of the question to the client's having taken the answer.
    public var answerDeadline = Duration.seconds(30)
    /// From an answer's end to the next request's first line.
    public var idleDeadline = Duration.seconds(30)
    /// How long answers that are under way have when the service ends.
    public var endDeadline = Duration.seconds(5)

    /// For a server of people and programs that watch.
    public init() {}

    /// For a gate that a load balancer asks every second or so: what is slow there counts as no answer anyway.
    public static let gate: HTTPLimits = {
        var limits = HTTPLimits()
        limits.bodyBytes = 16 * 1_024
        (limits.headerDeadline, limits.bodyDeadline) = (.seconds(1), .seconds(1))
        (limits.answerDeadline, limits.idleDeadline) = (.seconds(2), .seconds(10))
        limits.endDeadline = .seconds(1)
        return limits
    }()

    /// How late a deadline may be kept.
    var tick: Duration {
        let shortest = min(headerDeadline, bodyDeadline, answerDeadline, idleDeadline)
        return max(.milliseconds(10), min(.milliseconds(250), shortest / 4))
    }
}
