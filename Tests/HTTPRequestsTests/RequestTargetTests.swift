import Testing

@testable import HTTPRequests

struct RequestTargetTests {
    @Test(
        arguments: [
            ("http://a:1/x", "http://a:1/x", "http://a:1/x"), ("HTTP://A", "http://A", "http://A"),
            ("http://a/x?token=secret", "http://a/x?token=secret", "http://a/x?…"),
            ("http://a?x=1", "http://a?x=1", "http://a?…"), ("http://a/x#y?z", "http://a/x", "http://a/x"),
            ("https://u:p%40@a:443/x", "https://a:443/x", "https://a:443/x"),
            ("http://[::1]:80/", "http://[::1]:80/", "http://[::1]:80/"),
            ("http+unix://%2Frun%2Fa.sock/x?y", "http://localhost/x?y", "http+unix://%2Frun%2Fa.sock/x?…"),
            ("http+unix://u:p@%2Frun%2Fa.sock", "http://localhost", "http+unix://%2Frun%2Fa.sock"),
        ]
    )
    func `a URL is taken apart`(text: String, url: String, shown: String) throws {
        let target = try RequestTarget(text)
        #expect(target.url == url)
        #expect(target.shown == shown)
    }

    @Test(
        arguments: [
            ("http://a/", nil, nil), ("http://u@a/", "u", nil), ("http://u:p@a/", "u", "p"),
            ("http://u:@a/", "u", ""),
            ("http://u%3A%20:p%40:%C3%A4@a/", "u: ", "p@:ä"), ("http://u@v:p@a/", "u@v", "p"),
        ] as [(String, String?, String?)]
    )
    func `user information is decoded and not a part of the URL`(
        text: String,
        name: String?,
        password: String?
    ) throws {
        let target = try RequestTarget(text)
        #expect(target.userName == name)
        #expect(target.password == password)
        #expect(target.url == "http://a/")
    }

    @Test(
        arguments: [
            ("http://127.0.0.1:80", true), ("http://127.9.9.9/", true), ("https://LocalHost", true),
            ("http://localhost.:1", true), ("http://[::1]:80", true), ("http+unix://%2Fa", true),
            ("http://127.example.org", false), ("http://127.0.0.1.example.org", false),
            ("http://128.0.0.1", false),
            ("http://localhost.example.org", false), ("http://[::2]", false), ("http://127.0.0.256", false),
        ]
    )
    func `this machine is known by its addresses`(text: String, isLocal: Bool) throws {
        #expect(try RequestTarget(text).isLocal == isLocal)
    }

    @Test func `a Unix socket has an absolute path`() throws {
        #expect(try RequestTarget(HTTPBase("unix:/run/a b.sock").url + "/x").socketPath == "/run/a b.sock")
        let longest = "/" + String(repeating: "x", count: 106)
        #expect(try RequestTarget(HTTPBase("unix:" + longest).url).socketPath == longest)
    }

    @Test(
        arguments: [
            "", "a", "127.0.0.1:80", "file:///etc/passwd", "ftp://a", "http:/a", "http://", "http:///x",
            "http://:80",
            "http://a:b", "http://a:0", "http://a:65536", "http://a:1:2", "http://a b", "http://a/x y",
            "http://a/\r\nX: y",
            "http://ä/", "http://a/ä", "http://[::1", "http://[]", "http://[::1]x",
            "http://u:%@a",
            "http://u:%ff@a", "http+unix://", "http+unix://run", "http+unix://%2Fa%00b", "http+unix:///run/a",
            "http+unix://%2F" + String(repeating: "x", count: 107), "http://a%41", "dict://a", "gopher://a",
        ]
    )
    func `what is no URL of a server is refused`(text: String) {
        let error = #expect(throws: RequestTarget.Malformed.self) { try RequestTarget(text) }
        #expect(error?.reason.hasPrefix("not a URL such as http://127.0.0.1:8090") == true)
    }

    @Test(
        arguments: [
            "user:secret@host:80", "http://user:secret@", "http://user:secret@ä", "http://user:se/secret@a",
            "http://user:se?secret@a", "http://user:se#secret@a", "ftp://user:secret@a/?secret",
            "http://user:se@secret@a:x", "http://a:x/?token=secret", "http://user:secret@a\r\n",
        ]
    )
    func `no secret of a malformed URL is shown`(text: String) {
        let error = #expect(throws: RequestTarget.Malformed.self) { try RequestTarget(text) }
        #expect(error?.shown.contains("secret") == false)
        #expect(error?.reason.contains("secret") == false)
    }
}
