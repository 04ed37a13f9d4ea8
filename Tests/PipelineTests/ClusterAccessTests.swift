import Cluster
import Foundation
import Model
import Testing

extension PipelineTests {
    /// One way to ask a server that wants a client certificate and a password.
    private struct Approach {
        let name: String
        /// Options without the prefix of the server: `ca` and its value.
        let options: [(String, String)]
        /// What must be said of it; `nil` where it is the right one.
        let words: String?

        func options(for server: String) -> [String] {
            options.flatMap { ["--\(server)-\($0.0)", $0.1] }
        }
    }

    private struct GuardStatus: Decodable {
        let leader: String?
        let decision: String
        let unreachable: [String: String]
    }

    @Test func `Patroni and Kafka Connect are asked with credentials, and each wrong one is told by name`()
        async throws
    {
        let side = try SidePipeline(lab, "access_cluster")
        defer { side.remove() }
        let certificates = try AccessCertificates(side.folder)
        let password = try side.secret("password", "right-token-for-patroni")
        let wrong = try side.secret("wrong", "wrong-token-for-patroni")
        let patroni = try ports(of: "HANDOVER_PATRONI_URLS")
        let connect = try ports(of: "HANDOVER_CONNECT_URLS")
        let front = try TLSFront(
            certificates,
            user: "operator",
            passwordFile: password,
            before: patroni + connect
        )
        defer { front.end() }
        let fronts = front.ports.map { "https://127.0.0.1:\($0)" }
        let urls = (
            patroni: fronts.prefix(patroni.count).joined(separator: ","),
            connect: fronts.suffix(connect.count).joined(separator: ",")
        )
        let approaches = approaches(certificates, password: password, wrong: wrong)
        let leader = try lab.leader()
        for approach in approaches {
            try await expectGuard(side, approach, urls.patroni, urls.connect, leader: leader)
        }
        for approach in approaches {
            try await expectWriter(side, approach, urls.patroni)
            try await expectWatch(side, approach, urls.patroni, leader: leader)
        }
    }

    private func approaches(_ certificates: AccessCertificates, password: String, wrong: String) -> [Approach]
    {
        let ca = [("ca", certificates.path("ca.pem"))]
        func client(_ name: String) -> [(String, String)] {
            [("certificate", certificates.path("\(name).pem")), ("key", certificates.path("\(name).key"))]
        }
        func user(_ file: String) -> [(String, String)] { [("user", "operator"), ("password-file", file)] }
        return [
            Approach(name: "right", options: ca + client("client") + user(password), words: nil),
            Approach(
                name: "authority",
                options: [("ca", certificates.path("other.pem"))] + client("client") + user(password),
                words: "no trusted authority has signed"
            ),
            Approach(name: "without", options: ca + user(password), words: "asks for a client certificate"),
            Approach(
                name: "stranger",
                options: ca + client("stranger") + user(password),
                words: "does not accept the client certificate"
            ),
            Approach(name: "nobody", options: ca + client("client"), words: "HTTP status 401"),
            Approach(
                name: "password",
                options: ca + client("client") + user(wrong),
                words: "HTTP status 401"
            ),
        ]
    }

    /// A guard that rehearses, once with Patroni and once with Kafka Connect before it.
    private func expectGuard(
        _ side: SidePipeline,
        _ approach: Approach,
        _ patroni: String,
        _ connect: String,
        leader: String
    ) async throws {
        for (server, urls) in [("patroni", patroni), ("connect", connect)] {
            let options = ["--\(server)", urls] + approach.options(for: server)
            let program = try side.start(
                "reader",
                ["guard", "--dry-run", "--listen", "127.0.0.1:0"] + options,
                side.environment,
                log: "guard-\(server)-\(approach.name)"
            )
            defer { program.discard() }
            let port = try await program.answers()
            let rest = RESTClient(timeout: .seconds(5))
            let deadline = Deadline.after(.seconds(20))
            var status: GuardStatus?
            // Its connector does not exist: that is what Kafka Connect says once it may be asked.
            func isTold(_ status: GuardStatus) -> Bool {
                let unreachable = status.unreachable[server] ?? ""
                if let words = approach.words { return unreachable.contains(words) }
                return status.leader == leader && status.unreachable["patroni"] == nil
                    && status.unreachable["connect"]?.contains("there is no connector") == true
            }
            while !(status.map(isTold) ?? false) {
                try #require(!deadline.hasPassed, "\(options): \(status as Any), \(program.text)")
                try await Task.sleep(for: .milliseconds(100))
                let reply = try await rest.send("GET", "http://127.0.0.1:\(port)/status")
                status = try JSONDecoder().decode(GuardStatus.self, from: Data(reply.body.utf8))
            }
            if let words = approach.words {
                #expect(program.text.contains("\(server) can't be asked: "), "\(program.text)")
                #expect(program.text.contains(words), "\(program.text)")
            }
            try expectNoSecret(of: program)
            #expect(try await program.ends(by: SIGTERM, within: .seconds(15)) == .exit(0))
        }
    }

    /// A writer writes as well without Patroni; it only lacks the names.
    private func expectWriter(_ side: SidePipeline, _ approach: Approach, _ urls: String) async throws {
        let arguments = ["run", "--rate", "50", "--duration", "2500ms", "--patroni", urls]
        let writer = try side.start(
            "writer",
            arguments + approach.options(for: "patroni"),
            side.environment,
            log: "writer-\(approach.name)"
        )
        defer { writer.discard() }
        try await writer.says("leader ")
        try expectNoSecret(of: writer)
        #expect(try await writer.ends(within: .seconds(20)) == .exit(0), "\(writer.text)")
        if let words = approach.words {
            #expect(writer.text.contains("Patroni can't be asked: https://"), "\(writer.text)")
            #expect(writer.text.contains(words), "\(writer.text)")
            #expect(!writer.text.contains("leader patroni"), "\(writer.text)")
        } else {
            #expect(writer.text.contains("leader patroni"), "\(writer.text)")
            #expect(!writer.text.contains("can't be asked"), "\(writer.text)")
        }
        expectNoSecret(in: writer.text)
    }

    private struct WatchedCluster: Decodable {
        struct Part: Decodable {
            let name: String
            let state: String
            let failure: String?
        }

        struct Leader: Decodable {
            let name: String
        }

        let leader: Leader?
        let parts: [Part]
        let reason: String?
    }

    /// A watch takes the leader from the source where Patroni does not tell it, and says why it does not.
    private func expectWatch(_ side: SidePipeline, _ approach: Approach, _ urls: String, leader: String)
        async throws
    {
        let watch = try side.start(
            "reader",
            ["watch", "--format", "json", "--sink", side.sink, "--patroni", urls]
                + approach.options(for: "patroni"),
            side.environment,
            log: "watch-\(approach.name)"
        )
        defer { watch.discard() }
        func last() throws -> WatchedCluster? {
            try watch.text.split(separator: "\n").last { $0.hasSuffix("}") }
                .map { try JSONDecoder().decode(WatchedCluster.self, from: Data($0.utf8)) }
        }
        try await watch.until("the watch tells of Patroni", within: .seconds(20)) {
            guard let line = try last() else { return false }
            let part = line.parts.first { $0.name == "patroni" }
            guard let words = approach.words else { return line.leader?.name == leader && part == nil }
            return part?.state == "UNREACHABLE" && part?.failure?.contains(words) == true
        }
        #expect(try last()?.reason?.contains("patroni") != true)
        try expectNoSecret(of: watch)
        #expect(try await watch.ends(by: SIGTERM, within: .seconds(15)) == .exit(0))
    }

    private func expectNoSecret(of program: StartedProgram) throws {
        expectNoSecret(in: try String(contentsOfFile: "/proc/\(program.id)/cmdline", encoding: .utf8))
        expectNoSecret(in: program.text)
    }

    private func ports(of variable: String) throws -> [Int] {
        try #require(lab.environment[variable]).split(separator: ",").map { url in
            try #require(url.split(separator: ":").last.flatMap { Int($0) })
        }
    }
}
