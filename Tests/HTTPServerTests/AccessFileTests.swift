import Foundation
import Testing

@testable import HTTPServer

@Suite struct AccessFileTests {
    @Test(arguments: ["s3cret", "s3cret\n", "s3cret\r\n"])
    func `a token is its file's one line`(text: String) throws {
        let file = try TemporaryFile(text)
        let token = try OrderToken(file: file.path)
        #expect(token.matches(Array("s3cret".utf8)))
        for other in ["", "s3cre", "s3crets", "S3cret", "s3cret\n", "\0\0\0\0\0\0"] {
            #expect(!token.matches(Array(other.utf8)))
        }
        #expect(!"\(token)".contains("s3cret"))
    }

    @Test(arguments: [
        ("", "is empty"), ("\n", "is empty"), ("two words", "is no token"), ("two\nlines", "is no token"),
        ("s3cret\n\n", "is no token"), ("s\u{e9}cret", "is no token"), ("a\0b", "is no token"),
        (String(repeating: "x", count: 4_097), "more than 4096 bytes"),
    ])
    func `a file that is no token is refused`(text: String, reason: String) throws {
        let file = try TemporaryFile(text)
        let error = #expect(throws: AccessFileError.self) { try OrderToken(file: file.path) }
        #expect(error?.description.contains(reason) == true)
        #expect(error?.description.contains(file.path) == true)
    }

    @Test(arguments: [0o400, 0o440, 0o600, 0o640, 0o700])
    func `owner and group may read a secret`(mode: Int) throws {
        let file = try TemporaryFile("s3cret", mode: mode)
        #expect(throws: Never.self) { try OrderToken(file: file.path) }
    }

    @Test(arguments: [0o644, 0o604, 0o602, 0o620, 0o660, 0o666, 0o444])
    func `a secret that others may read or change is refused`(mode: Int) throws {
        let file = try TemporaryFile("s3cret", mode: mode)
        let error = #expect(throws: AccessFileError.self) { try OrderToken(file: file.path) }
        #expect(error?.description.contains("has mode 0\(String(mode, radix: 8))") == true)
    }

    @Test func `what is missing or no file is refused without waiting`() throws {
        let place = try TemporaryFile()
        #expect(throws: AccessFileError(path: place.path, reason: .system(ENOENT))) {
            try OrderToken(file: place.path)
        }
        #expect(mkfifo(place.path, 0o600) == 0)
        #expect(throws: AccessFileError(path: place.path, reason: .notFile)) {
            try OrderToken(file: place.path)
        }
        #expect(throws: AccessFileError(path: "/", reason: .notFile)) { try OrderToken(file: "/") }
    }

    @Test func `a certificate and a key are PEM, and the key is a secret`() throws {
        let certificate = try TemporaryFile("x\n-----BEGIN CERTIFICATE-----\n", mode: 0o644)
        let key = try TemporaryFile("-----BEGIN EC PRIVATE KEY-----\n")
        let open = try TemporaryFile("-----BEGIN PRIVATE KEY-----\n", mode: 0o644)
        #expect(throws: Never.self) { try TLSIdentity(certificate: certificate.path, key: key.path) }
        #expect(throws: AccessFileError(path: open.path, reason: .open(mode: 0o644))) {
            try TLSIdentity(certificate: certificate.path, key: open.path)
        }
        #expect(throws: AccessFileError(path: key.path, reason: .notPEM("certificate"))) {
            try TLSIdentity(certificate: key.path, key: key.path)
        }
        #expect(throws: AccessFileError(path: certificate.path + "/x", reason: .system(ENOTDIR))) {
            try TLSIdentity(certificate: certificate.path + "/x", key: key.path)
        }
    }
}
