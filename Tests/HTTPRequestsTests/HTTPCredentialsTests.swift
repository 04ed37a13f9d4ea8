import Testing

@testable import HTTPRequests

struct HTTPCredentialsTests {
    private static func made(_ change: (inout HTTPCredentials) -> Void) -> HTTPCredentials {
        var credentials = HTTPCredentials()
        change(&credentials)
        return credentials
    }

    @Test func `no secret is printed`() {
        let login = Self.made {
            $0.userName = "admin"
            $0.password = "hidden-1"
            $0.token = "hidden-2"
            $0.keyPassword = "hidden-3"
            $0.caFile = "/etc/ca.pem"
        }
        var dumped = ""
        dump(login, to: &dumped)
        for text in [
            "\(login)", String(reflecting: login), dumped, "\([login])", "\(Optional(login) as Any)",
        ] {
            #expect(!text.contains("hidden"))
        }
        #expect(
            "\(login)" == "CA file /etc/ca.pem, key password given, user admin, password given, token given"
        )
        #expect("\(HTTPCredentials())" == "no credentials")
    }

    @Test(
        arguments: [
            (made { $0.userName = "u" }, nil), (made { $0.token = "abc.DEF~+/-_=" }, nil),
            (HTTPCredentials(), nil),
            (
                made {
                    $0.token = "t"
                    $0.userName = "u"
                }, "exclude"
            ),
            (made { $0.token = "t\r\nX: y" }, "token"), (made { $0.token = "t\n" }, "token"),
            (made { $0.token = "" }, "token"),
            (made { $0.token = "tä" }, "token"), (made { $0.userName = "a:b" }, "colon"),
            (made { $0.userName = "a\r\n" }, "control"), (made { $0.password = "p" }, "user name"),
            (
                made {
                    $0.userName = "u"
                    $0.password = "p\n"
                }, "control"
            ),
            (made { $0.keyFile = "/k" }, "certificate"), (made { $0.caFile = "/a\0b" }, "NUL"),
        ] as [(HTTPCredentials, String?)]
    )
    func `credentials that cannot be sent are refused`(credentials: HTTPCredentials, word: String?) {
        if let word {
            #expect(credentials.problem?.contains(word) == true)
        } else {
            #expect(credentials.problem == nil)
        }
    }

    @Test(
        arguments: [
            ("GET\r\nX: y", nil), ("", nil), ("G ET", nil), ("GÄT", nil), ("POST", "text/plain\r\nX: y"),
            ("POST", "text/plain\n"), ("POST", "ä"), ("POST", "a\0"),
        ] as [(String, String?)]
    )
    func `nothing can end a header's line`(method: String, contentType: String?) {
        let error = #expect(throws: HTTPRequestError.self) {
            try Request(
                method,
                "http://a",
                body: [],
                contentType: contentType,
                credentials: .init(),
                limits: HTTPLimits(timeout: .seconds(1))
            )
        }
        #expect(error?.cause == .invalidRequest)
    }

    @Test(
        arguments: [
            (Duration.seconds(2), 2_000, 2_000), (.seconds(10), 10_000, 5_000), (.milliseconds(1), 1, 1),
            (.zero, 1, 1),
            (.seconds(-1), 1, 1), (.microseconds(1), 1, 1), (.microseconds(1_500), 2, 2),
            (.seconds(Int64.max), 86_400_000, 5_000), (.seconds(1) + .nanoseconds(1), 1_001, 1_001),
        ]
    )
    func `a deadline is rounded up to milliseconds`(timeout: Duration, whole: Int, connect: Int) {
        #expect(HTTPLimits(timeout: timeout).milliseconds == (whole, connect))
    }
}
