import Foundation
import Testing

@testable import HTTPServer

@Suite struct AdmissionTests {
    private func admission(_ listen: String = "sink.example:8090", token: OrderToken? = nil) throws
        -> Admission
    {
        let access = HTTPAccess(token: token, hosts: ["db.example", "Proxy.example:443", "not a host"])
        return Admission(access, listen: try #require(ListenAddress(listen)))
    }

    private func head(
        _ method: String,
        host: [String] = ["localhost"],
        origin: [String] = [],
        authorization: [String] = []
    ) -> RequestHead {
        var head = RequestHead(method: Array(method.utf8), target: Array("/".utf8))
        for value in host { head.add("Host".utf8, value.utf8) }
        for value in origin { head.add("origin".utf8, value.utf8) }
        for value in authorization { head.add("AUTHORIZATION".utf8, value.utf8) }
        return head
    }

    private func token(_ text: String) throws -> OrderToken {
        let file = try TemporaryFile(text)
        return try OrderToken(file: file.path)
    }

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:8090", "10.1.2.3:1", "[::1]:8090", "[fe80::1]", "localhost",
        "LOCALHOST.:8090",
        "sink.example", "SINK.example:1", "db.example", "db.example.:8090", "proxy.example:443",
    ])
    func `addresses and names of its own are answered`(host: String) throws {
        #expect(try admission().refusal(head("GET", host: [host])) == nil)
        #expect(try admission().refusal(head("PUT", host: [host])) == nil)
    }

    @Test(arguments: [
        "evil.example", "localhost.evil.example", "xlocalhost", "127.0.0.1.evil.example", "proxy.example",
        "proxy.example:80", "2130706433", "0x7f.1", "sink.example.evil",
    ])
    func `other names are refused, for they may be bound to this machine by anybody`(host: String) throws {
        let answer = try #require(try admission().refusal(head("GET", host: [host])))
        #expect(answer.status == 421)
        #expect(answer.body.contains("--allow-host"))
    }

    @Test(arguments: [["a", "a"], ["localhost", "evil.example"], [""], ["a b"], ["<script>"], ["a:b"]])
    func `several or malformed hosts are refused`(hosts: [String]) throws {
        let answer = try #require(try admission().refusal(head("GET", host: hosts)))
        #expect(answer.status == 400)
        #expect(!answer.body.contains("script"))
    }

    @Test(
        arguments: [("GET", nil), ("HEAD", nil), ("PUT", 400), ("get", 400), ("OPTIONS", 400)]
            as [(String, Int?)]
    )
    func `without a host only reading is answered`(method: String, status: Int?) throws {
        #expect(try admission().refusal(head(method, host: []))?.status == status)
    }

    @Test(
        arguments: [
            (.unix, "localhost", nil), (.loopback, "localhost", nil), (.loopback, "127.0.0.1:8090", nil),
            (.loopback, "127.9.9.9", nil), (.loopback, "[::1]:8090", nil), (.loopback, "10.0.0.1", 403),
            (.loopback, "sink.example", 403), (.loopback, "0.0.0.0", 403), (.network, "localhost", 403),
            (.network, "127.0.0.1", 403),
        ] as [(Door, String, Int?)]
    )
    func `without a token orders are followed over loopback only`(door: Door, host: String, status: Int?)
        throws
    {
        let answer = try admission().orderRefusal(head("POST", host: [host]), through: door)
        #expect(answer?.status == status)
        if let answer { #expect(answer.body.contains("--token-file")) }
        #expect(try admission().orderRefusal(head("GET", host: [host]), through: door) == nil)
    }

    @Test(
        arguments: [
            (["Bearer s3cret"], nil), (["bearer   s3cret "], nil), (["BEARER s3cret\t"], nil), ([], 401),
            (["Bearer s3cre"], 401), (["Bearer s3cret2"], 401), (["Bearer S3cret"], 401), (["Bearer"], 401),
            (["Bearer "], 401), (["Basic s3cret"], 401), (["s3cret"], 401),
            // kcctl:s3cret, :s3cret, s3cret: with a space, kcctl:s3cre, s3cret without a colon.
            (["Basic a2NjdGw6czNjcmV0"], nil), (["BASIC OnMzY3JldA== "], nil), (["Basic czNjcmV0Og=="], 401),
            (["Basic a2NjdGw6czNjcmU="], 401), (["Basic czNjcmV0"], 401), (["Basic "], 401),
            (["Bearer s3cret", "Bearer s3cret"], 401),
        ] as [([String], Int?)]
    )
    func `with a token orders over TCP present it`(authorization: [String], status: Int?) throws {
        let admission = try admission(token: token("s3cret\n"))
        for door in [Door.loopback, .network] {
            let answer = admission.orderRefusal(head("PUT", authorization: authorization), through: door)
            #expect(answer?.status == status)
            if let answer { #expect(answer.headers["WWW-Authenticate"] == "Bearer") }
        }
        #expect(admission.orderRefusal(head("PUT", authorization: authorization), through: .unix) == nil)
        #expect(admission.orderRefusal(head("GET", authorization: authorization), through: .network) == nil)
        let reading = admission.orderRefusal(
            head("GET", authorization: authorization),
            through: .network,
            isPrivate: true
        )
        #expect(reading?.status == status)
    }

    @Test func `what is private is read without a token over loopback only`() throws {
        let admission = try admission()
        #expect(admission.orderRefusal(head("GET"), through: .loopback, isPrivate: true) == nil)
        #expect(admission.orderRefusal(head("GET"), through: .network, isPrivate: true)?.status == 403)
        #expect(admission.orderRefusal(head("GET"), through: .unix, isPrivate: true) == nil)
    }

    @Test(
        arguments: [
            (["http://localhost:8090"], nil), (["https://LOCALHOST:8090"], nil), ([], nil),
            (["http://localhost"], 403),
            (["null"], 403), (["http://evil.example"], 403), (["http://localhost:8090.evil"], 403),
            (["ftp://localhost:8090"], 403), ([""], 403),
            (["http://localhost:8090", "http://localhost:8090"], 403),
        ] as [([String], Int?)]
    )
    func `orders of another site's pages are refused through any door`(origin: [String], status: Int?) throws
    {
        let head = head("PUT", host: ["localhost:8090"], origin: origin)
        for door in [Door.unix, .loopback] {
            #expect(try admission().orderRefusal(head, through: door)?.status == status)
        }
    }

    @Test func `an origin without a host is refused`() throws {
        let head = head("PUT", host: [], origin: ["http://"])
        #expect(try admission().orderRefusal(head, through: .unix)?.status == 403)
    }
}
