import CCurl
import Testing

@testable import HTTPRequests

struct RequestFailureTests {
    private static func request() throws -> Request {
        var credentials = HTTPCredentials()
        credentials.caFile = "/ca"
        credentials.certificateFile = "/cert"
        credentials.keyFile = "/key"
        return try Request(
            "GET",
            "https://u:hidden@a/x?hidden",
            body: nil,
            contentType: nil,
            credentials: credentials,
            limits: HTTPLimits(timeout: .seconds(1))
        )
    }

    private static let cases: [(CURLcode, Int, String, HTTPRequestError.Cause, String)] = [
        (CURLE_COULDNT_RESOLVE_HOST, 0, "Could not resolve host: a", .noSuchHost, "no such host"),
        (CURLE_COULDNT_RESOLVE_PROXY, 0, "", .cannotConnect, "http_proxy"),
        (CURLE_COULDNT_CONNECT, 0, "Failed to connect", .cannotConnect, "cannot connect"),
        (CURLE_OPERATION_TIMEDOUT, 0, "Operation timed out", .noAnswerInTime, "no answer in time"),
        (CURLE_GOT_NOTHING, 0, "Empty reply", .connectionLost, "the connection was lost"),
        (CURLE_SEND_ERROR, 0, "", .connectionLost, "the connection was lost"),
        (CURLE_PARTIAL_FILE, 0, "", .connectionLost, "the connection was lost"),
        (
            CURLE_RECV_ERROR, 0, "OpenSSL SSL_read: … alert certificate required", .notTrusted,
            "client certificate"
        ),
        (CURLE_RECV_ERROR, 0, "OpenSSL SSL_read: … tlsv1 alert unknown ca", .notTrusted, "does not accept"),
        (CURLE_SSL_CONNECT_ERROR, 0, "error: wrong version number", .notTrusted, "does not speak TLS"),
        (CURLE_SSL_CONNECT_ERROR, 0, "tlsv1 alert protocol version", .notTrusted, "TLS 1.2 or later"),
        (CURLE_SSL_CONNECT_ERROR, 0, "sslv3 alert handshake failure", .notTrusted, "handshake"),
        (CURLE_SSL_CONNECT_ERROR, 0, "tlsv1 alert internal error", .notTrusted, "refuses the TLS connection"),
        (CURLE_SSL_CONNECT_ERROR, 0, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL", .connectionLost, "lost"),
        (CURLE_SSL_CONNECT_ERROR, 0, "", .notTrusted, "no TLS connection"),
        (CURLE_PEER_FAILED_VERIFICATION, 9, "", .notTrusted, "not valid yet"),
        (CURLE_PEER_FAILED_VERIFICATION, 10, "", .notTrusted, "has expired"),
        (CURLE_PEER_FAILED_VERIFICATION, 18, "", .notTrusted, "self-signed"),
        (CURLE_PEER_FAILED_VERIFICATION, 20, "", .notTrusted, "no trusted authority"),
        (CURLE_PEER_FAILED_VERIFICATION, 1, "", .notTrusted, "other host names"),
        (CURLE_PEER_FAILED_VERIFICATION, 99, "", .notTrusted, "not trusted"),
        (CURLE_SSL_CACERT_BADFILE, 0, "", .notTrusted, "the CA file /ca holds no PEM"),
        (
            CURLE_SSL_CERTPROBLEM, 0, "could not load PEM client certificate", .notTrusted,
            "certificate /cert is no"
        ),
        (CURLE_SSL_CERTPROBLEM, 0, "unable to set private key file", .notTrusted, "key /key is no PEM key"),
        (CURLE_UNSUPPORTED_PROTOCOL, 0, "Received HTTP/0.9", .notHTTP, "not an HTTP server"),
        (CURLE_FILESIZE_EXCEEDED, 0, "", .tooLarge, "16777216 bytes"),
        (CURLE_OUT_OF_MEMORY, 0, "", .other, "Out of memory"),
    ]

    @Test(arguments: cases.indices)
    func `a failure says what is wrong and what to do`(index: Int) throws {
        let (code, verdict, message, cause, words) = Self.cases[index]
        let failure = RequestFailure(code: code, verdict: verdict, message: message)
        let error = failure.error(of: try Self.request())
        #expect(error.cause == cause)
        #expect(error.reason.contains(words))
        #expect(error.url == "https://a/x?…")
        #expect(error.detail == (message.isEmpty ? nil : message))
        #expect(!"\(error)".contains("hidden"))
    }

    @Test func `a limit goes before libcurl's code`() throws {
        let body = RequestFailure(code: CURLE_WRITE_ERROR, message: "Failure writing", excess: .body)
        let head = RequestFailure(code: CURLE_WRITE_ERROR, message: "Failure writing", excess: .head)
        #expect(
            body.error(of: try Self.request()).reason
                == "the reply's body exceeds the limit of 16777216 bytes"
        )
        #expect(
            head.error(of: try Self.request()).reason == "the reply's head exceeds the limit of 65536 bytes"
        )
    }

    @Test func `a proxy's password is not repeated`() throws {
        let message = "Unsupported proxy syntax in 'http://user:hidden@[x'"
        let failure = RequestFailure(code: CURLE_COULDNT_RESOLVE_PROXY, message: message)
        #expect(failure.error(of: try Self.request()).detail == nil)
    }

    @Test func `a name from a certificate cannot steer a terminal`() throws {
        let message = "subject name 'a\u{1B}[2J\nb' does not match"
        let failure = RequestFailure(code: CURLE_PEER_FAILED_VERIFICATION, message: message)
        #expect(
            failure.error(of: try Self.request()).detail == "subject name 'a\\u{1b}[2J\\nb' does not match"
        )
    }
}
