import Foundation
import Testing

/// Keys and certificates of a test: of the authority `ca` for this machine, and others that must not do.
struct AccessCertificates {
    let folder: String

    /// - Parameter folder: exists, and is the test's own.
    init(_ folder: String) throws {
        self.folder = folder
        let script = """
            cd "$1"
            new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
            for ca in ca other; do
                openssl req -x509 $new -keyout $ca.key -out $ca.pem -days 2 -subj /CN=$ca
            done
            make() {
                openssl req $new -keyout "$1.key" -out "$1.csr" -subj "/CN=$1"
                printf 'subjectAltName=%s' "$3" > names
                openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "$4" \
                    -extfile names -out "$1.pem"
            }
            here=DNS:localhost,IP:127.0.0.1
            make server ca $here 2
            make expired ca $here -1
            make elsewhere ca DNS:elsewhere.example 2
            make client ca DNS:client 2
            make stranger other DNS:stranger 2
            chmod 600 *.key
            """
        let made = try Command.run("/bin/bash", ["-euc", script, "bash", folder], isQuiet: true)
        try #require(made.code == 0, "\(made.output)")
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }
}

extension SidePipeline {
    /// Starts a sink that listens at a port of the kernel's choice or at a Unix socket, and waits until it does.
    ///
    /// - Parameter log: names its log and its consumer group.
    /// - Returns: the sink, and the port; 0 for a Unix socket.
    func startSink(listen: String = "127.0.0.1:0", _ options: [String], log: String = "sink") async throws
        -> (program: StartedProgram, port: Int)
    {
        let arguments = ["run", try sinkFile(group: log), "--listen", listen] + options
        let program = try start("sink", arguments, environment, log: log)
        do {
            if listen.hasPrefix("127.0.0.1:") { return (program, try await program.answers()) }
            try await program.says("answers HTTP")
            return (program, 0)
        } catch {
            program.discard()
            throw error
        }
    }

    /// Runs a verb of `sink` to its end: its exit code, and what it says on both outputs.
    func ask(_ verb: String, _ options: [String]) async throws -> (end: StartedProgram.End, text: String) {
        let program = try start("sink", [verb] + options, environment, log: "verb")
        defer { program.discard() }
        let end = try await program.ends(within: .seconds(30))
        return (end, program.text)
    }

    /// The status and the body of the answer to a request whose head is sent as it is written here.
    func request(_ port: Int, _ lines: [String]) throws -> Command {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Access/raw.py")
        return try Command.run("/usr/bin/python3", [script.path(), "\(port)"] + lines)
    }
}

/// `Access/front.py` before some servers: TLS, a client certificate and a password.
struct TLSFront {
    private let process = Process()
    private let input = Pipe()
    /// Of each server, in their order.
    let ports: [Int]

    init(_ certificates: AccessCertificates, user: String, passwordFile: String, before targets: [Int]) throws
    {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Access/front.py")
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments =
            [script.path(), certificates.folder, user, passwordFile] + targets.map { "\($0)" }
        let output = Pipe()
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        var text = ""
        while text.split(separator: "\n").count < targets.count || !text.hasSuffix("\n") {
            let piece = output.fileHandleForReading.availableData
            try #require(!piece.isEmpty, "the proxy ended")
            text += String(decoding: piece, as: UTF8.self)
        }
        ports = text.split(separator: "\n").compactMap { Int($0) }
    }

    var urls: String { ports.map { "https://127.0.0.1:\($0)" }.joined(separator: ",") }

    func end() {
        try? input.fileHandleForWriting.close()
        process.end()
    }
}
