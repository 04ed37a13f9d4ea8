import Foundation
import Testing

extension PipelineTests {
    @Test func `orders to a sink need its authority, its name and its token`() async throws {
        let side = try SidePipeline(lab, "access_tls")
        defer { side.remove() }
        try side.makeTopic()
        let certificates = try AccessCertificates(side.folder)
        let token = "right-token-of-the-sink"
        let tokenFile = try side.secret("token", token + "\n")
        let wrongFile = try side.secret("wrong", "wrong-token-of-the-client\n")
        func identity(_ name: String) -> [String] {
            let files = ["\(name).pem", "\(name).key"].map(certificates.path)
            return ["--token-file", tokenFile, "--tls-certificate", files[0], "--tls-key", files[1]]
        }
        let (sink, port) = try await side.startSink(identity("server"))
        defer { sink.discard() }
        let trusted = ["--url", "https://127.0.0.1:\(port)", "--ca", certificates.path("ca.pem")]
        let ordered = trusted + ["--token-file", tokenFile]
        for verb in ["status", "pause", "resume"] {
            let (end, text) = try await side.ask(verb, ordered)
            #expect(end == .exit(0), "\(verb): \(text)")
        }
        let byName = ["--url", "https://localhost:\(port)", "--ca", certificates.path("ca.pem")]
        #expect(try await side.ask("status", byName).end == .exit(0))

        let other = ["--url", "https://127.0.0.1:\(port)", "--ca", certificates.path("other.pem")]
        let refusals: [(options: [String], code: Int32, words: String)] = [
            (trusted, 1, "Authorization: Bearer TOKEN"),
            (trusted + ["--token-file", wrongFile], 1, "Authorization: Bearer TOKEN"),
            (other + ["--token-file", tokenFile], 3, "no trusted authority has signed"),
            (Array(trusted.prefix(2)) + ["--token-file", tokenFile], 3, "no trusted authority has signed"),
            (["--url", "http://127.0.0.1:\(port)", "--token-file", tokenFile], 3, "https"),
            (trusted + ["--token-file", side.folder + "/nowhere"], 64, "nowhere"),
        ]
        for (options, code, words) in refusals {
            let (end, text) = try await side.ask("pause", options)
            #expect(end == .exit(code), "\(options): \(text)")
            #expect(text.contains(words), "\(options): \(text)")
            expectNoSecret(in: text)
        }
        // None of them was followed.
        #expect(try await side.ask("status", ordered).text.contains("PAUSED") == false)
        let command = try String(contentsOfFile: "/proc/\(sink.id)/cmdline", encoding: .utf8)
        expectNoSecret(in: command)
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(20)) == .exit(0), "\(sink.text)")
        expectNoSecret(in: sink.text)

        for (name, words) in [("expired", "has expired"), ("elsewhere", "for other host names")] {
            let (sink, port) = try await side.startSink(identity(name))
            defer { sink.discard() }
            let there = ["--url", "https://127.0.0.1:\(port)", "--ca", certificates.path("ca.pem")]
            let (end, text) = try await side.ask("status", there)
            #expect(end == .exit(3))
            #expect(text.contains(words), "\(name): \(text)")
            #expect(try await sink.ends(by: SIGTERM, within: .seconds(20)) == .exit(0), "\(sink.text)")
        }
        // The key of another certificate.
        let mixed = [
            "--tls-certificate", certificates.path("server.pem"), "--tls-key",
            certificates.path("client.key"),
        ]
        let arguments = ["run", side.sinkFile, "--listen", "127.0.0.1:0"] + mixed
        let refused = try side.start("sink", arguments, side.environment, log: "mixed")
        defer { refused.discard() }
        #expect(try await refused.ends(within: .seconds(20)) == .exit(1), "\(refused.text)")
        #expect(refused.text.contains("server.pem"), "\(refused.text)")
    }

    func expectNoSecret(in text: String, _ location: SourceLocation = #_sourceLocation) {
        for secret in ["right-token", "wrong-token"] {
            #expect(!text.contains(secret), "\(text)", sourceLocation: location)
        }
    }

    @Test func `a Unix socket's permission is the lock for orders`() async throws {
        let side = try SidePipeline(lab, "access_unix")
        defer { side.remove() }
        try side.makeTopic()
        let address = "unix:\(side.folder)/sink.sock"
        let (sink, _) = try await side.startSink(listen: address, [])
        defer { sink.discard() }
        let attributes = try FileManager.default.attributesOfItem(atPath: side.folder + "/sink.sock")
        #expect(attributes[.posixPermissions] as? Int == 0o660)
        for verb in ["status", "pause", "resume"] {
            let (end, text) = try await side.ask(verb, ["--url", address])
            #expect(end == .exit(0), "\(verb): \(text)")
        }
        let second = try side.start(
            "sink",
            ["run", side.sinkFile, "--listen", address],
            side.environment,
            log: "2nd"
        )
        defer { second.discard() }
        #expect(try await second.ends(within: .seconds(20)) == .exit(1))
        #expect(second.text.contains("cannot listen on \(address)"), "\(second.text)")
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(20)) == .exit(0), "\(sink.text)")
        #expect(!FileManager.default.fileExists(atPath: side.folder + "/sink.sock"))
        let (end, text) = try await side.ask("status", ["--url", address])
        #expect(end == .exit(3), "\(text)")
        #expect(text.contains("sink.sock"), "\(text)")
    }

    @Test func `names decide who may read a sink, and loopback who may order it`() async throws {
        let side = try SidePipeline(lab, "access_host")
        defer { side.remove() }
        let (sink, port) = try await side.startSink(["--allow-host", "sink.example"])
        defer { sink.discard() }
        let (read, order) = ("GET /health HTTP/1.1", "PUT /resume HTTP/1.1")
        let cases: [(lines: [String], status: String)] = [
            ([read, "Host: sink.example"], "200"), ([read, "Host: SINK.example.:\(port)"], "200"),
            ([read, "Host: 192.0.2.7"], "200"), ([read, "Host: localhost:1"], "200"), ([read], "200"),
            ([read, "Host: rebound.example"], "421"), ([order, "Host: rebound.example"], "421"),
            ([read, "Host: sink.example.evil.example"], "421"), ([read, "Host: a", "Host: b"], "400"),
            ([order, "Host: localhost"], "202"), ([order, "Host: 127.0.0.1:\(port)"], "202"),
            ([order, "Host: [::1]:\(port)"], "202"), ([order], "400"),
            ([order, "Host: sink.example"], "403"), ([order, "Host: 192.0.2.7"], "403"),
            ([order, "Host: localhost", "Origin: http://evil.example"], "403"),
            ([order, "Host: localhost", "Origin: null"], "403"),
            ([order, "Host: localhost:\(port)", "Origin: http://localhost:\(port)"], "202"),
        ]
        for (lines, status) in cases {
            let script = try side.request(port, lines)
            #expect(script.output.hasPrefix(status + " "), "\(lines): \(script.output)")
        }
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(20)) == .exit(0), "\(sink.text)")
    }
}
