import Model

/// A record that a constraint keeps out as long as another partition lags.
struct WaitingRecord {
    let offset: Int64
    let since = Moment.monotonicNow()
    private(set) var triesLeft: Int
    private(set) var nextTry = Deadline.after(.zero)
    var awaited: AwaitedRows

    init(offset: Int64, tries: Int, awaited: AwaitedRows) {
        (self.offset, triesLeft, self.awaited) = (offset, tries, awaited)
    }

    /// It was refused again.
    ///
    /// - Parameters:
    ///   - isOnTheWay: whether what it needs may still come, so that the try does not count.
    ///   - tries: how many there are from now on, in that case.
    mutating func refused(isOnTheWay: Bool, tries: Int) {
        if isOnTheWay { triesLeft = tries } else { triesLeft -= 1 }
    }

    /// When it is tried again.
    mutating func putOff(for delay: Duration) { nextTry = .after(delay) }
}
