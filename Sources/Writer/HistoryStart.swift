import Glibc
import History

/// Opens the history of a run and finds where its tokens left off.
enum HistoryStart {
    /// How much of a file's end is looked at, in bytes: tens of thousands of attempts.
    private static let tailLength: Int64 = 16 << 20

    /// Opens the file and reads its end.
    ///
    /// Tokens rise through a history: every run begins after the largest token before it, and lines of one run come
    /// out of order only by what its threads were just doing. So the end has the largest one, however long the
    /// file is; `TokenSource.lastUsed` looks at the table and the clock too.
    ///
    /// - Returns: the file, open for appending, and the largest token in it.
    static func open(_ path: String) throws(WriterError) -> (file: HistoryFile, largestToken: Int64?) {
        do throws(HistoryError) {
            // First for appending: that mends a torn last line.
            let file = try HistoryFile(appendingTo: path)
            var tokens = HistoryTokens()
            // A device or a pipe has no past, and reading one might never end.
            if let size = sizeOfRegularFile(path) {
                var reader = try HistoryReader(path, from: size - tailLength)
                try reader.readNewLines { tokens.look(at: $0) }
            }
            return (file, tokens.largest)
        } catch {
            throw WriterError(.stopped, "\(error)")
        }
    }

    private static func sizeOfRegularFile(_ path: String) -> Int64? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_size)
    }
}
