import Glibc
import Synchronization

/// How much of both tables is hashed, as a bar on a terminal; nothing elsewhere.
final class ScanProgress: Sendable {
    private let pieces = Mutex<(done: Int, all: Int)>((0, 0))
    private let isShown: Bool

    init(isQuiet: Bool) {
        isShown = !isQuiet && isatty(STDERR_FILENO) == 1
    }

    func expect(_ count: Int) {
        pieces.withLock { $0.all += count }
    }

    func advance() {
        let (done, all) = pieces.withLock { pieces in
            pieces.done += 1
            return pieces
        }
        if isShown { show(Self.bar(done, of: all), ending: "") }
    }

    /// Removes the bar.
    func clear() {
        if isShown { show(String(repeating: " ", count: 40), ending: "\r") }
    }

    /// The bar as text, 30 places wide.
    static func bar(_ done: Int, of all: Int) -> String {
        let filled = 30 * done / max(all, 1)
        return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
            + "] \(100 * done / max(all, 1)) %"
    }

    private func show(_ text: String, ending: String) {
        let bytes = Array("\r\(text)\(ending)".utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
