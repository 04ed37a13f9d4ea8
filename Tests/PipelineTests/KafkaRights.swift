import Foundation
import Testing

/// The brokers' rules, as docs/kafka.md lists them: the tests grant these lines and nothing else.
struct KafkaRights {
    let lab: Lab
    /// The lines about one user, with names in place of the manual's.
    let lines: [String]

    /// - Parameter names: what stands for the manual's TOPIC, NAME, DEADLETTERS and PREFIX.
    init(_ lab: Lab, of user: String, _ names: [String: String]) throws {
        self.lab = lab
        let manual = try String(contentsOfFile: SidePipeline.root + "docs/kafka.md", encoding: .utf8)
        lines = manual.split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("kafka-acls.sh --add ") && $0.contains("User:\(user) ") }
            .map { line in
                line.split(separator: " ").map { word in
                    names.reduce(String(word)) { $0.replacing($1.key, with: $1.value) }
                }.joined(separator: " ")
            }
        try #require(!lines.isEmpty, "docs/kafka.md lists nothing for \(user)")
    }

    func grant() throws { try carryOut(lines) }

    func grant(_ line: String) throws { try carryOut([line]) }

    func revoke(_ line: String) throws { try carryOut([line.replacing("--add", with: "--remove")]) }

    func revoke() throws { for line in lines { try revoke(line) } }

    private func carryOut(_ lines: [String]) throws {
        let path = try lab.folder + "/rights"
        try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        try lab.verb("acls", path)
    }
}
