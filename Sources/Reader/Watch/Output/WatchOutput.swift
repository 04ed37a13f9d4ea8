import Histogram
import JSONText
import Telemetry

/// Where the snapshots of a watch go: lines of text, lines of JSON, or a live screen.
struct WatchOutput: Sendable {
    enum Form: Sendable {
        case text, json, live
    }

    var form: Form

    /// Before the first snapshot.
    func begin() {
        if form == .live { Terminal.enter() }
    }

    func show(_ document: WatchDocument) {
        switch form {
        case .text: printLine(document.snapshot.line)
        case .json: printJSON(Self.json(document.snapshot))
        case .live:
            let size = Terminal.size
            Terminal.draw(LiveScreen(document, columns: size.columns, rows: size.rows).text)
        }
    }

    /// After the last one; `begin` may not have been called.
    func end(_ board: WatchBoard) {
        if form == .live { Terminal.leave() }
        guard form != .json else { return }
        let (lag, waiting) = board.summary
        var text = "reader: no write was seen to come through"
        if !lag.isEmpty {
            text = "reader: lag p50 \(lag.percentile(50).asDuration), p99 \(lag.percentile(99).asDuration), "
            text += "max \(lag.maximum.asDuration) over \(lag.count.grouped) writes"
        }
        if waiting > 0 { text += "; \(waiting.grouped) acknowledged writes are not visible" }
        printLine(text)
    }

    /// One line of JSON, its keys in alphabetical order.
    static func json(_ value: some Encodable) -> String {
        // Numbers are finite and the rest is text: it can always be encoded.
        (try? jsonText(value)) ?? "{}"
    }
}
