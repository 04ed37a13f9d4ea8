import Glibc

/// Writes one line to standard error: standard output is for results.
package func printProgress(_ text: String) {
    let line = Array("reader: \(text.visible)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
