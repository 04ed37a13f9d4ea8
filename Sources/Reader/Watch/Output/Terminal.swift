import Glibc

/// The terminal that standard output is: its size, and its second screen.
enum Terminal {
    /// Whether standard output is a terminal that obeys escape sequences.
    static var isThere: Bool {
        isatty(STDOUT_FILENO) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"
    }

    /// Columns and rows; 80 and 24 where the terminal does not say.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Changes to the second screen and hides the cursor.
    static func enter() { put("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J") }

    /// Shows the first screen again, as it was.
    static func leave() { put("\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l") }

    /// Draws over what is there, without a flicker.
    static func draw(_ text: String) {
        put("\u{1B}[H" + text.replacingScalars("\n", with: "\u{1B}[K\r\n") + "\u{1B}[K\u{1B}[J")
    }

    private static func put(_ text: String) {
        print(text, terminator: "")
        fflush(nil)
    }
}
