/// What is known about an attempt to write once it is over, in the words of Jepsen's histories.
public enum Outcome: String, Sendable, CaseIterable {
    /// Acknowledged: the server said that it committed.
    case ok
    /// It certainly did not happen.
    case fail
    /// Unknown: the connection went away at COMMIT, or the server gave up waiting for its standby.
    case info
}

/// How far an attempt had come when it ended otherwise than acknowledged.
public enum Phase: String, Sendable, CaseIterable {
    /// Nothing of it was sent.
    case connect
    /// Statements were sent, COMMIT was not: the server rolls back what it has.
    case statement
    /// COMMIT was sent: without an answer nobody knows.
    case commit
}
