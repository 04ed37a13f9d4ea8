import FoundationEssentials
import Glibc
import Model

/// A program that prints the destination's password: `connection.password.command`.
///
/// It is run without a shell, with nothing on its standard input; what it writes to its standard error goes nowhere, because a
/// secret may be in it. Nothing that it prints is ever part of an error.
struct PasswordCommand: Sendable {
    /// Why there is no password; the text goes after the property's name.
    struct Failure: Error, Hashable, CustomStringConvertible {
        let reason: String

        var description: String { reason }
    }

    /// How long it may take.
    static let patience = Duration.seconds(10)
    /// Bytes that it may print.
    static let byteLimit = 16_384

    /// The program and its arguments.
    let words: [String]

    /// - Parameter text: words with blanks between them, or a JSON list of texts.
    init(_ text: String) throws(Failure) {
        let text = text.trimmed
        if text.begins(with: "[") {
            guard let list = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else {
                throw Failure(reason: "must be a program with its arguments, or a JSON list of them")
            }
            words = list
        } else {
            words = text.parts(at: " ")
        }
        guard let program = words.first, program.begins(with: "/") else {
            throw Failure(reason: "must begin with a program's whole path")
        }
        guard words.allSatisfy({ !$0.utf8.contains(0) }) else { throw Failure(reason: "must not have a NUL") }
    }

    /// Runs the program and gives what it prints, without the end of the line.
    func run(patience: Duration = Self.patience) throws(Failure) -> String {
        try checkOwner()
        let deadline = Deadline.after(patience)
        let child = try Child(words)
        let output = child.output(limit: Self.byteLimit, until: deadline)
        let status = child.end(by: deadline)
        guard let output else {
            throw Failure(reason: "the program printed more than \(Self.byteLimit) bytes")
        }
        guard let status else {
            throw Failure(reason: "the program did not end within \(patience.components.seconds) s")
        }
        guard status == 0 else { throw Failure(reason: "the program ended with \(Self.describe(status))") }
        var line = output[...]
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard !line.isEmpty, !line.contains(UInt8(ascii: "\n")), !line.contains(0),
            let password = String(validating: line, as: UTF8.self)
        else { throw Failure(reason: "the program must print one line, the password") }
        return password
    }

    /// A program that others may change is not run: it would get what this program may do.
    private func checkOwner() throws(Failure) {
        var status = stat()
        guard stat(words[0], &status) == 0 else {
            // SAFETY: strerror gives a text that ends with 0 for every number, and it is copied at once.
            throw Failure(reason: "the program cannot be run: \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG, access(words[0], X_OK) == 0 else {
            throw Failure(reason: "the program is no file that this user may run")
        }
        guard status.st_uid == 0 || status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
            throw Failure(
                reason:
                    "the program may be changed by others: it must be this user's or root's, and only theirs to write"
            )
        }
    }

    /// How a process ended, from what `waitpid` says.
    private static func describe(_ status: Int32) -> String {
        let signal = status & 0x7f
        return signal == 0 ? "exit code \(status >> 8 & 0xff)" : "signal \(signal)"
    }
}

/// A process that writes to a pipe; ended, with all that it started, when it is given up.
private struct Child: ~Copyable {
    private let process: pid_t
    private let pipe: Int32

    deinit { close(pipe) }

    init(_ words: [String]) throws(PasswordCommand.Failure) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else {
            throw PasswordCommand.Failure(reason: "there is no pipe for the program's output")
        }
        // Another thread's child must not hold the pipe open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // Connections and files of this program are none of its business.
        for descriptor in Self.descriptors where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        // A group of its own, so that all of it can be ended; signals as any program begins with them.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))
        // SAFETY: each text is copied for the call and freed after it; the list ends with nil, as execve wants it.
        let arguments = words.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        var started: pid_t = 0
        let code = posix_spawn(&started, words[0], &actions, &attributes, arguments + [nil], environ)
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            // SAFETY: strerror gives a text that ends with 0 for every number, and it is copied at once.
            throw PasswordCommand.Failure(
                reason: "the program cannot be run: \(String(cString: strerror(code)))"
            )
        }
        (process, pipe) = (started, ends[0])
    }

    /// What this process has open.
    private static var descriptors: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }
    }

    /// What it prints until it closes its output or the deadline passes; `nil` where that is too much.
    borrowing func output(limit: Int, until deadline: Deadline) -> [UInt8]? {
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            var waited = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waited, 1, deadline.remainingMilliseconds)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return output }
            let count = read(pipe, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return output }
            output.append(contentsOf: chunk[..<count])
            if output.count > limit { return nil }
        }
    }

    /// Waits for its end; kills it when the deadline passes first, and then there is no status.
    consuming func end(by deadline: Deadline) -> Int32? {
        var status: Int32 = 0
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { return status }
            if ended < 0, errno != EINTR { return nil }
            guard !deadline.hasPassed else { break }
            usleep(2_000)
        }
        kill(-process, SIGKILL)
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return nil
    }
}
