import History
import Model
import Synchronization
import Threading

/// What the workers of one run share.
final class LoadRun: Sendable {
    let source: Source
    let workload: Workload
    /// Whether BEGIN and the statements of an attempt go out in one go.
    let isPipelined: Bool
    /// How many rows get nine of ten writes; `nil` is none.
    let hotKeyCount: Int?
    /// Bytes of a large value.
    let valueSize: Int
    let history: HistoryFile
    let tokens: TokenSource
    let seed: UInt64
    /// Asks the workers to drain and end.
    let stop: StopSignal
    /// Asks the workers to end at once: what they do can no longer be recorded, or makes no sense.
    let abort = StopSignal()
    let account: Mutex<Account>

    init(_ configuration: RunConfiguration, history: HistoryFile, tokens: TokenSource, stop: StopSignal) {
        (source, workload) = (configuration.source, configuration.load.workload)
        (isPipelined, hotKeyCount) = (configuration.load.isPipelined, configuration.load.hotKeyCount)
        (valueSize, seed) = (configuration.load.valueSize, configuration.load.seed)
        (self.history, self.tokens, self.stop) = (history, tokens, stop)
        account = Mutex(Account(rate: configuration.load.rate))
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
