import Glibc

/// Writes one line to standard output at once, also when it is a file or a pipe.
///
/// A reader that went away ends the program as SIGPIPE would: the services ignore that signal, because of clients
/// that go away, and a program whose results nobody reads would otherwise run for ever.
///
/// - Parameter line: one line: a line break or anything else in it that steers a terminal is written out.
public func printLine(_ line: String) {
    printText(line.visible)
}

/// Writes lines that the program laid out, as `printLine` does each.
public func printText(_ lines: String) {
    print(lines.visibleLines)
    guard fflush(nil) != 0, errno == EPIPE else { return }
    signal(SIGPIPE, SIG_DFL)
    raise(SIGPIPE)
}

/// Writes JSON, in which a terminal finds nothing to obey.
public func printJSON(_ json: String) {
    printText(json.visibleJSON)
}
