import Shared
import Synchronization

/// What the workers of one run share.
final class LoadRun: Sendable {
    let source: Source
    let history: HistoryFile
    let tokens: TokenSource
    let seed: UInt64
    /// Asks the workers to drain and end.
    let stop: StopSignal
    /// Asks the workers to end at once: what they do can no longer be recorded, or makes no sense.
    let abort = StopSignal()
    let account: Mutex<Account>

    init(
        source: Source,
        history: HistoryFile,
        tokens: TokenSource,
        seed: UInt64,
        rate: Int?,
        stop: StopSignal
    ) {
        (self.source, self.history, self.tokens) = (source, history, tokens)
        (self.seed, self.stop) = (seed, stop)
        account = Mutex(Account(rate: rate))
    }

    /// Appends a line to the history.
    ///
    /// - Throws: `WriterError`, after which no worker may go on.
    func record(_ event: HistoryLine.Event, at moment: Moment = .now()) throws(WriterError) {
        do throws(HistoryError) {
            try history.append(HistoryLine(event, at: moment))
        } catch {
            endAtOnce()
            throw WriterError(error)
        }
    }

    /// Ends all workers without draining.
    func endAtOnce() {
        abort.request()
        stop.request()
    }
}
