import Glibc
import Shared

/// Opens the history of a run and finds where its tokens left off.
enum HistoryStart {
    /// - Returns: the file, open for appending, and the largest token in it.
    static func open(_ path: String) throws(WriterError) -> (file: HistoryFile, largestToken: Int64?) {
        do throws(HistoryError) {
            // First for appending: that mends a torn last line.
            let file = try HistoryFile(appendingTo: path)
            var tokens = HistoryTokens()
            // A device or a pipe has no past, and reading one might never end.
            if isRegularFile(path) {
                var reader = try HistoryReader(path)
                try reader.readNewLines { tokens.look(at: $0) }
            }
            return (file, tokens.largest)
        } catch {
            throw WriterError(.stopped, "\(error)")
        }
    }

    private static func isRegularFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
