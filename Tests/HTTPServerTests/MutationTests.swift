import Testing

@testable import HTTPServer

extension LiveTests {
    @Suite struct MutationTests {
        private static let requests = [
            "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "GET /echo/a%20b?q=1&r=%31 HTTP/1.1\r\nHost: 127.0.0.1:80\r\nConnection: close\r\n\r\n",
            "PUT /pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nOrigin: http://localhost\r\n\r\nhello",
            "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            "HEAD /health HTTP/1.0\r\n\r\nGET /json HTTP/1.1\r\nHost: [::1]:8090\r\nCookie: a=b; c=\"d\"\r\n\r\n",
            "PUT /pause HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nExpect: 100-continue\r\n"
                + "Content-Length: 1\r\n\r\nx",
        ]
        private static let pieces = [
            "\r\n", "\n", "\0", "%", "%00", " ", "\t", ":", ";", "\r\n ", "HTTP/1.1",
            "Host: evil.example\r\n",
            "Content-Length: 18446744073709551616\r\n", "Transfer-Encoding: chunked\r\n",
            "ffffffffffffffff\r\n",
            "-1", "\u{e9}", "?", "&", "=", "/", "//", "Expect: 100-continue\r\n", "Connection: close\r\n",
        ]

        @Test func `ten thousand broken requests are answered in HTTP or not at all`() async throws {
            let place = try TemporaryFile()
            let seed = UInt64.random(in: .min ... .max)
            var generator = SplitMix(state: seed)
            try await withServer("unix:\(place.path)") { server in
                for number in 0..<10_000 {
                    let request = Self.mutant(using: &generator)
                    let client = try server.client()
                    client.send(request)
                    client.finishSending()
                    let answer: [UInt8]
                    do {
                        answer = try client.readToEnd()
                    } catch {
                        Issue.record("seed \(seed), request \(number) hangs (\(error)): \(request)")
                        break
                    }
                    guard !answer.isEmpty else { continue }
                    let line = answer.prefix { $0 != UInt8(ascii: "\r") }
                    let isStatusLine =
                        line.starts(with: "HTTP/1.1 ".utf8) && line.count > 13
                        && line[12] == UInt8(ascii: " ")
                        && line[9..<12].allSatisfy(\.isDigit)
                    #expect(
                        isStatusLine,
                        "seed \(seed), request \(number): \(request) brought \(answer.prefix(80))"
                    )
                }
                let client = try server.client()
                client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                let reply = try client.reply()
                #expect(reply.body == "ok\n", "seed \(seed)")
            }
        }

        private static func mutant(using generator: inout SplitMix) -> [UInt8] {
            var bytes = Array((requests.randomElement(using: &generator) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let position = Int.random(in: 0...bytes.count, using: &generator)
                let rest = bytes.count - position
                switch Int.random(in: 0..<6, using: &generator) {
                case 0 where rest > 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 1 where rest > 0: bytes[position] = .random(in: .min ... .max, using: &generator)
                case 2 where rest > 0:
                    bytes.removeSubrange(
                        position..<(position + .random(in: 1...min(rest, 8), using: &generator))
                    )
                case 3:
                    bytes.insert(
                        contentsOf: (pieces.randomElement(using: &generator) ?? "").utf8,
                        at: position
                    )
                case 4 where rest > 0: bytes.insert(contentsOf: bytes[position...].prefix(40), at: position)
                case 5 where rest > 0 && .random(in: 0..<4, using: &generator) == 0: bytes.removeLast(rest)
                default: bytes.append(contentsOf: bytes.prefix(position))
                }
            }
            return bytes
        }
    }
}

/// Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
