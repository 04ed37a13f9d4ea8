import Foundation
import Testing

@testable import HTTPServer

extension LiveTests {
    @Suite struct TLSTests {
        /// A certificate that signs itself, made by openssl; removed with the folder of `key`.
        private struct Files {
            let key: TemporaryFile
            var certificate: String { key.path + ".crt" }

            init() throws {
                key = try TemporaryFile()
                let made = try Files.run(
                    "openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:prime256v1",
                    "-nodes",
                    "-subj",
                    "/CN=localhost",
                    "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-days",
                    "2",
                    "-keyout",
                    key.path,
                    "-out",
                    key.path + ".crt"
                )
                try #require(made.code == 0, "\(made.text)")
                chmod(key.path, 0o600)
            }

            var identity: TLSIdentity {
                get throws { try TLSIdentity(certificate: certificate, key: key.path) }
            }

            static func run(_ arguments: String...) throws -> (code: Int32, text: String) {
                let process = Process()
                process.executableURL = URL(filePath: "/usr/bin/env")
                process.arguments = arguments
                let pipe = Pipe()
                (process.standardOutput, process.standardError) = (pipe, pipe)
                process.standardInput = FileHandle.nullDevice
                try process.run()
                let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                return (process.terminationStatus, text)
            }
        }

        @Test func `TLS is spoken, from 1.2 on`() async throws {
            let files = try Files()
            try await withServer(access: HTTPAccess(tls: try files.identity)) { server in
                let url = "https://localhost:\(server.port)/health"
                let (code, text) = try Files.run(
                    // Tests of the client that run meanwhile set the environment's proxy.
                    "curl",
                    "--noproxy",
                    "*",
                    "-sS",
                    "--max-time",
                    "5",
                    "--cacert",
                    files.certificate,
                    "--resolve",
                    "localhost:\(server.port):127.0.0.1",
                    url,
                    url
                )
                #expect(code == 0)
                #expect(text == "ok\nok\n")
                let order = try Files.run(
                    // Tests of the client that run meanwhile set the environment's proxy.
                    "curl",
                    "--noproxy",
                    "*",
                    "-sS",
                    "--max-time",
                    "5",
                    "--cacert",
                    files.certificate,
                    "-X",
                    "PUT",
                    "-H",
                    "Origin: https://127.0.0.1:\(server.port)",
                    "https://127.0.0.1:\(server.port)/pause"
                )
                #expect(order.text == "paused 0\n")
                for (option, isSpoken) in [("-tls1_3", true), ("-tls1_2", true), ("-tls1_1", false)] {
                    let (code, text) = try Files.run(
                        "openssl",
                        "s_client",
                        option,
                        "-cipher",
                        "DEFAULT@SECLEVEL=0",
                        "-connect",
                        "127.0.0.1:\(server.port)"
                    )
                    #expect((code == 0) == isSpoken, "\(option): \(text)")
                }
            }
        }

        @Test func `plain HTTP and silence meet the head's deadline or the end`() async throws {
            let files = try Files()
            var limits = HTTPLimits()
            limits.headerDeadline = .milliseconds(200)
            try await withServer(access: HTTPAccess(tls: try files.identity), limits: limits) { server in
                let plain = try server.client()
                plain.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                let answer = try plain.readToEnd()
                #expect(!answer.starts(with: "HTTP".utf8))
                try server.client().readToEnd()
            }
        }

        @Test func `an identity that is none is an error at the start`() async throws {
            let (files, other) = try (Files(), Files())
            let broken = try TemporaryFile("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
            for certificate in [other.certificate, broken.path] {
                let identity = try TLSIdentity(certificate: certificate, key: files.key.path)
                let error = await #expect(throws: HTTPServiceError.self) {
                    try await TestServer.start(access: HTTPAccess(tls: identity))
                }
                #expect(error?.description.contains(certificate) == true)
                #expect(error?.description.contains("is not accepted: ") == true)
                #expect(error?.description.contains("no reason") == false)
            }
        }
    }
}
