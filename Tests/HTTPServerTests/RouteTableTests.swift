import Testing

@testable import HTTPServer

@Suite struct RouteTableTests {
    private static let table = RouteTable([
        HTTPRoute(.get, "/connectors/:name") { .text("one \($0["name"] ?? "")") },
        HTTPRoute(.get, "/connectors/all") { _ in .text("all") },
        HTTPRoute(.get, "/") { _ in .text("root") },
        HTTPRoute(.put, "/connectors/:name/pause") { .text("pause \($0["name"] ?? "")") },
        HTTPRoute(.delete, "/connectors/:name") { .text("delete \($0["name"] ?? "")") },
        HTTPRoute(.post, "/status") { _ in .text("post") },
        HTTPRoute(.patch, "/status") { _ in .text("patch") },
    ])

    private func answer(_ method: String, _ path: String) throws -> String {
        let target = try #require(RequestTarget(Array(path.utf8)))
        switch Self.table.find(Array(method.utf8), target.parts) {
        case .route(let route, let parameters):
            guard case .now(let answer) = route.maker else { return "later" }
            return answer(HTTPQuestion(parameters: parameters)).body.split(separator: "\n").joined()
        case .unknownPath: return "404"
        case .wrongMethod(let allow): return "405 \(allow)"
        }
    }

    @Test(arguments: [
        ("GET", "/", "root"), ("HEAD", "/", "root"), ("GET", "/?x=1", "root"),
        ("GET", "/connectors/all", "all"),
        ("GET", "/connectors/sink", "one sink"), ("GET", "//connectors//sink/", "one sink"),
        ("GET", "/connectors/a%2Fb", "one a/b"), ("GET", "/connectors/%C3%A9", "one \u{e9}"),
        ("GET", "/c%6fnnectors/all", "all"), ("PUT", "/connectors/sink/pause", "pause sink"),
        ("DELETE", "/connectors/sink", "delete sink"), ("POST", "/status", "post"),
        ("PATCH", "/status", "patch"),
    ])
    func `the route is found`(method: String, path: String, found: String) throws {
        #expect(try answer(method, path) == found)
    }

    @Test(arguments: [
        "/connectors", "/connectors/a/b", "/x", "/Status", "/connectors/sink/resume", "/statu%73s",
    ])
    func `an unknown path is unknown for every method`(path: String) throws {
        for method in ["GET", "PUT", "OPTIONS", "X"] { #expect(try answer(method, path) == "404") }
    }

    @Test(arguments: [
        ("POST", "/", "GET, HEAD"), ("OPTIONS", "/", "GET, HEAD"), ("get", "/", "GET, HEAD"),
        ("GET", "/status", "POST, PATCH"), ("HEAD", "/status", "POST, PATCH"),
        ("PUT", "/connectors/sink", "GET, HEAD, DELETE"), ("PUT", "/connectors/all", "GET, HEAD, DELETE"),
    ])
    func `a wrong method is told the right ones`(method: String, path: String, allow: String) throws {
        #expect(try answer(method, path) == "405 \(allow)")
    }
}

@Suite struct RequestTargetTests {
    @Test func `path and query are cut and decoded`() throws {
        let target = try #require(RequestTarget(Array("/a%20b/c+d?x=1+2&x=3&y&=z&e=%26%3d".utf8)))
        #expect(target.parts == ["a b", "c+d"])
        #expect(target.queries == ["x": ["1 2", "3"], "y": [""], "": ["z"], "e": ["&="]])
    }

    @Test(arguments: [
        "", "x", "*", "http://localhost/", "/%", "/%1", "/%zz", "/a%00b", "/%ff", "/%c3", "/%c0%af",
        "/%ed%a0%80",
        "/a b", "/a\tb", "/a\u{7f}", "/?a=%0", "/?%=1", "/?a=%00", "/?a=%fe",
    ])
    func `what is malformed is refused`(text: String) {
        #expect(RequestTarget(Array(text.utf8)) == nil)
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        #expect(RequestTarget([0x2f, 0xff]) == nil)
        #expect(RequestTarget([0x2f, 0xc3, 0xa9])?.parts == ["\u{e9}"])
    }
}

@Suite struct BodyFramingTests {
    @Test(arguments: [
        ("X-Any", false), ("a!#$%&'*+-.^_`|~9", false), ("Host ", true), ("Transfer-Encoding\t", true),
        ("", true),
        ("a(b", true), ("\u{e9}", true),
    ])
    func `a header's name is a token`(name: String, isMalformed: Bool) {
        var head = RequestHead(method: Array("GET".utf8), target: Array("/".utf8))
        head.add(name.utf8, "x".utf8)
        #expect(head.hasMalformedName == isMalformed)
    }

    @Test(
        arguments: [
            ([], .none), ([("Content-Length", "0")], .none), ([("content-length", "5")], .length(5)),
            ([("Transfer-Encoding", "Chunked")], .chunked),
            ([("Transfer-Encoding", "gzip, chunked")], .ambiguous),
            ([("Transfer-Encoding", "chunked"), ("Content-Length", "5")], .ambiguous),
            ([("Content-Length", "5"), ("Content-Length", "5")], .ambiguous),
            ([("Content-Length", "+5")], .ambiguous),
            ([("Content-Length", "5, 5")], .ambiguous), ([("Content-Length", "")], .ambiguous),
            ([("Content-Length", "99999999999999999999")], .length(.max)),
        ] as [([(String, String)], BodyFraming)]
    )
    func `a body's end is told in one way or not at all`(headers: [(String, String)], framing: BodyFraming) {
        var head = RequestHead(method: Array("POST".utf8), target: Array("/".utf8))
        for (name, value) in headers { head.add(name.utf8, value.utf8) }
        #expect(BodyFraming(head) == framing)
    }
}
