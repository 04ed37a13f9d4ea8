import Commands
import Foundation
import Testing

@testable import Options
@testable import Postgres
@testable import Telemetry

@Suite struct SharedValuesTests {
    @Test func `a list of URLs is read without blanks and slashes at its ends`() throws {
        let list = try URLList(argument: " http://a:1/ ,https://b,, http+unix://%2Frun%2Fx ")
        #expect(list.urls == ["http://a:1", "https://b", "http+unix://%2Frun%2Fx"])
    }

    @Test(arguments: ["", ",", " , ", "/"]) func `a list without a URL is refused`(_ text: String) {
        #expect(throws: InvalidValue.self) { try URLList(argument: text) }
    }

    @Test func `neither a connection nor a list of URLs is repeated by an error`() {
        #expect(ConnectionOptions.isSecret)
        #expect(URLList.isSecret)
    }

    @Test(
        arguments: [
            ("postgresql://u:hunter2@h/d", true), ("postgresql://u@h/d?password=hunter2", true),
            ("host=h password=hunter2", true), ("postgresql://u@h/d?sslpassword=hunter2", true),
            ("postgresql://u@h/d", false), ("host=h user=u passfile=/etc/pgpass", false),
        ]
    )
    func `a connection with a password must not stand on a command line`(text: String, expected: Bool) {
        let reason = ConnectionOptions.exposure(of: text)
        #expect((reason != nil) == expected)
        #expect(reason?.contains("hunter2") != true)
    }

    @Test(
        arguments: [
            ("http://a:1,https://u:hunter2@b", true), ("https://u@b", false), ("http://a:1", false),
            ("u:hunter2@b", true),
        ]
    )
    func `a URL with a password must not stand on a command line`(text: String, expected: Bool) {
        #expect((URLList.exposure(of: text) != nil) == expected)
        #expect((ServerURL.exposure(of: text) != nil) == expected)
    }

    @Test func `a wrong connection says why without the password`() {
        let error = #expect(throws: InvalidValue.self) {
            try ConnectionOptions(argument: "postgresql://u:hunter2@[h/d")
        }
        #expect(error?.reason?.contains("hunter2") == false)
    }

    @Test func `a commit is what the build was told, else what git's files say`() {
        let (one, two) = (String(repeating: "a1", count: 20), String(repeating: "b2", count: 20))
        #expect(Release.commit(told: one, head: two, main: "") == "a1a1a1a1a1a1")
        #expect(Release.commit(told: "", head: "\(two)\n", main: one) == "b2b2b2b2b2b2")
        #expect(Release.commit(told: "", head: "ref: refs/heads/main\n", main: "\(one)\n") == "a1a1a1a1a1a1")
        #expect(Release.commit(told: "", head: "ref: refs/heads/other\n", main: one) == nil)
        #expect(Release.commit(told: "", head: "", main: "") == nil)
    }

    @Test func `the version is three numbers`() {
        #expect(Release.version.split(separator: ".").compactMap { Int($0) }.count == 3)
    }
}

@Suite struct SecretFileTests {
    private func file(_ content: [UInt8]) throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "secret-\(UUID())").path
        try Data(content).write(to: URL(filePath: path))
        return path
    }

    @Test func `a secret is read without the line break at its end`() throws {
        let path = try file(Array("hunter2\r\n".utf8))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try SecretFile.read(path).get() == "hunter2")
    }

    @Test(arguments: [[], [10], [97, 10, 98], [0xFF, 97], [97, 0], [UInt8](repeating: 97, count: 5_000)])
    func `what is no secret is refused by its path and without its content`(_ content: [UInt8]) throws {
        let path = try file(content)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = #expect(throws: SecretFile.Problem.self) { try SecretFile.read(path).get() }
        #expect(error?.description.contains(path) == true)
        #expect(error?.description.contains("aaaa") == false)
    }

    @Test func `a file that is not there, or a folder, is refused`() {
        for path in ["/nowhere/secret", "/tmp", "/dev/zero"] {
            #expect(throws: SecretFile.Problem.self) { try SecretFile.read(path).get() }
        }
    }
}
