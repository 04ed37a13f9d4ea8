import Foundation
import Testing

@testable import Sink

struct SecretSourceTests {
    @Test(
        arguments: [
            ("${env:A}", "1"), ("${env::A}", "1"), ("x${env:A}y${env:B}z", "x1y${env:A}z"),
            ("${topic}", "${topic}"),
            ("${env:EMPTY}", ""), ("a$b", "a$b"), ("${env:A", "${env:A"), ("", ""), ("$${env:A}", "$1"),
        ]
    )
    func `a placeholder is replaced once, what only looks like one stays`(value: String, expected: String)
        throws
    {
        var source = SecretSource(environment: ["A": "1", "B": "${env:A}", "EMPTY": ""])
        #expect(try source.resolve(value) == expected)
    }

    @Test func `a key of a properties file is found, with colons in it too`() throws {
        let path = NSTemporaryDirectory() + "secrets-\(UUID().uuidString).properties"
        try "pw = s3=cret\na\\:b=c\n".write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var source = SecretSource(environment: [:])
        #expect(try source.resolve("${file:\(path):pw}") == "s3=cret")
        #expect(try source.resolve("${file:\(path):a:b}") == "c")
        let failure = #expect(throws: SecretSource.Failure.self) { try source.resolve("${file:\(path):no}") }
        #expect(failure?.reason == "the file \(path) has no key no")
    }

    @Test(
        arguments: [
            ("${env:NO}", "the environment variable NO is not set"),
            ("${file:/no/such:k}", "the file /no/such cannot be read"),
            ("${file:/no/such}", "a file's placeholder is ${file:PATH:KEY}"),
            ("${env:a:B}", "a variable's placeholder is ${env:NAME}"),
            ("${vault:a:b}", "there is no provider vault; ${env:NAME} and ${file:PATH:KEY} are known"),
        ]
    )
    func `what is missing is named`(value: String, reason: String) {
        var source = SecretSource(environment: [:])
        #expect(throws: SecretSource.Failure(reason: reason)) { try source.resolve(value) }
    }
}
