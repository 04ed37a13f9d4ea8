/// How far a server's clock is from this machine's: of the last answers, the one that took least is believed.
///
/// The answer was made at some moment between question and answer, so half of the round trip is the error.
struct ClockSkew: Sendable, Equatable {
    struct Measurement: Sendable, Equatable {
        /// The server's clock less ours, in microseconds.
        var offset: Int64
        /// Half of the round trip, in microseconds: the error.
        var error: Int64
    }

    private static let length = 30
    private var recent: [Measurement] = []

    /// The measurement with the least error of the last ones.
    var best: Measurement? { recent.min { $0.error < $1.error } }

    /// Takes an answer; all times in microseconds since 1970.
    mutating func take(sent: Int64, server: Int64, received: Int64) {
        // Our clock was set back meanwhile: it says nothing.
        guard received >= sent else { return }
        recent.append(Measurement(offset: server - (sent + received) / 2, error: (received - sent + 1) / 2))
        if recent.count > Self.length { recent.removeFirst() }
    }

    /// Another server answers now.
    mutating func reset() {
        recent.removeAll()
    }
}
