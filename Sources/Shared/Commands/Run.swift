import Glibc

extension Command {
    /// Reads the command line, runs what it asks for, and ends the process.
    @concurrent public static func main() async {
        let width = Terminal.width
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch Invocation(of: self, arguments, environment: Terminal.variable, width: width) {
        case .print(let text):
            print(text)
            exit(0)
        case .refuse(let text):
            refuse(text)
        case .run(let command, let path):
            do {
                try await command.run()
                exit(0)
            } catch let code as ExitCode {
                exit(code.rawValue)
            } catch let error as UsageError {
                refuse(Invocation.refusal(error, at: path, width: width))
            } catch {
                complain("Error: \(error)")
                exit(ExitCode.failure.rawValue)
            }
        }
    }

    public func run() async throws {
        print(Help(of: CommandPath(Self.self), width: Terminal.width).text)
    }

    private static func refuse(_ text: String) -> Never {
        complain(text)
        exit(ExitCode.usage.rawValue)
    }

    private static func complain(_ text: String) {
        // Results that were printed come before the complaint about what ended them.
        fflush(nil)
        let line = Array("\(text.visibleLines)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// What the process knows of where it runs.
enum Terminal {
    /// Columns of the terminal, or what COLUMNS says, or 100; 40 at least.
    static var width: Int {
        if let text = variable("COLUMNS"), let columns = Int(text), columns > 0 {
            return min(max(columns, 40), 1_000)
        }
        var size = winsize()
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            // SAFETY: the request writes one winsize, and nothing else reads it meanwhile.
            if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
                return max(Int(size.ws_col), 40)
            }
        }
        return 100
    }

    static func variable(_ name: String) -> String? {
        // SAFETY: nothing in the process changes its environment; the bytes are copied at once.
        getenv(name).map { String(cString: $0) }
    }
}
