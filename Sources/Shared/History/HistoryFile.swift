import Files
import Glibc
import Synchronization

/// The history file, open for appending; owns the descriptor.
///
/// Every call writes whole lines with one `write(2)` on a descriptor opened with `O_APPEND`: the kernel
/// orders the writes of all threads and processes, so lines never mix and no lock is needed.
public final class HistoryFile: Sendable {
    public let path: String
    private let descriptor: Int32
    /// Set when a line did not fit wholly: nothing may follow a torn line of the same program.
    private let isTorn = Atomic<Bool>(false)

    /// Opens the file for appending; makes it, for its owner only, if it is not there.
    ///
    /// A link is not followed.
    /// A file whose last line was torn gets a newline, so that the torn line stays alone.
    ///
    /// - Throws: `HistoryError` with the system's reason.
    public init(appendingTo path: String) throws(HistoryError) {
        self.path = path
        do throws(PrivateFile.Problem) {
            descriptor = try PrivateFile.open(appendingTo: path)
        } catch {
            throw HistoryError(path: path, reason: "cannot open: \(error)")
        }
        let size = lseek(descriptor, 0, SEEK_END)
        var last: UInt8 = 0
        if size > 0, pread(descriptor, &last, 1, size - 1) == 1, last != UInt8(ascii: "\n") {
            try append([UInt8(ascii: "\n")])
        }
    }

    deinit {
        close(descriptor)
    }

    /// Appends one line.
    ///
    /// - Throws: `HistoryError` when the line is not wholly in the file, as on a full disk.
    public func append(_ line: HistoryLine) throws(HistoryError) {
        try append(line.encoded())
    }

    /// Waits until all that was written is on disk.
    public func sync() throws(HistoryError) {
        guard fsync(descriptor) == 0 else {
            throw HistoryError(path: path, reason: "cannot sync: \(Self.reason)")
        }
    }

    private func append(_ bytes: [UInt8]) throws(HistoryError) {
        guard !isTorn.load(ordering: .acquiring) else {
            throw HistoryError(path: path, reason: "cannot append: an earlier line did not fit")
        }
        let written = bytes.withUnsafeBytes { buffer in
            var result = write(descriptor, buffer.baseAddress, buffer.count)
            while result < 0 && errno == EINTR {
                result = write(descriptor, buffer.baseAddress, buffer.count)
            }
            return result
        }
        guard written == bytes.count else {
            if written > 0 { isTorn.store(true, ordering: .releasing) }
            let reason = written < 0 ? Self.reason : "only \(written) of \(bytes.count) bytes fitted"
            throw HistoryError(path: path, reason: "cannot append: \(reason)")
        }
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
