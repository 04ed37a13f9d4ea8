import CCurl

/// Facts of a failed request, and what they mean to people.
struct RequestFailure: Equatable {
    /// A limit that a reply exceeded.
    enum Excess: Equatable {
        case body, head
    }

    let code: CURLcode
    /// OpenSSL's verdict on the server's certificate (`X509_V_ERR_…`, x509_vfy.h); 0: nothing against it.
    var verdict = 0
    /// What libcurl wrote into `CURLOPT_ERRORBUFFER`.
    var message = ""
    var excess: Excess?

    /// The error to throw for a request.
    func error(of request: Request) -> HTTPRequestError {
        let (cause, reason) = meaning(request.credentials, request.limits)
        return HTTPRequestError(url: request.target.shown, cause: cause, reason: reason, detail: detail)
    }

    /// libcurl's message, where it may be shown.
    private var detail: String? {
        // A proxy's URL may have a password, and libcurl repeats it when it is malformed. Hosts have no such
        // sign.
        if message.isEmpty || message.utf8.contains(UInt8(ascii: "@")) { return nil }
        return message
    }

    private func meaning(
        _ credentials: HTTPCredentials,
        _ limits: HTTPLimits
    ) -> (HTTPRequestError.Cause, String) {
        switch excess {
        case .body: return (.tooLarge, "the reply's body exceeds the limit of \(limits.bodySize) bytes")
        case .head: return (.tooLarge, "the reply's head exceeds the limit of \(limits.headSize) bytes")
        case nil: break
        }
        switch code {
        case CURLE_URL_MALFORMAT: return (.invalidRequest, "not a URL such as http://127.0.0.1:8090")
        case CURLE_COULDNT_RESOLVE_HOST: return (.noSuchHost, "no such host")
        case CURLE_COULDNT_RESOLVE_PROXY:
            return (.cannotConnect, "no such proxy; correct http_proxy, https_proxy or no_proxy")
        case CURLE_COULDNT_CONNECT: return (.cannotConnect, "cannot connect")
        case CURLE_OPERATION_TIMEDOUT: return (.noAnswerInTime, "no answer in time")
        case CURLE_FILESIZE_EXCEEDED:
            return (.tooLarge, "the reply's body exceeds the limit of \(limits.bodySize) bytes")
        // The schemes are ours, so it is HTTP/0.9 that is not supported: text without a status line.
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
            return (.notHTTP, "what answers is not an HTTP server; check the port, and https or http")
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE:
            // In TLS 1.3 a server refuses the client's certificate after the handshake, by its first answer.
            return alert.map { (.notTrusted, $0) } ?? (.connectionLost, "the connection was lost")
        case CURLE_SSL_CONNECT_ERROR:
            if let alert { return (.notTrusted, alert) }
            // What OpenSSL calls a connection that ended in the handshake.
            if says("SSL_ERROR_SYSCALL") || says("unexpected eof") {
                return (.connectionLost, "the connection was lost")
            }
            return (.notTrusted, "no TLS connection can be made")
        case CURLE_PEER_FAILED_VERIFICATION: return (.notTrusted, certificate)
        case CURLE_SSL_CERTPROBLEM: return (.notTrusted, clientFile(credentials))
        case CURLE_SSL_CACERT_BADFILE:
            return (
                .notTrusted, "the CA file \(credentials.caFile ?? "of the system") holds no PEM certificate"
            )
        default: return (.other, String(cString: curl_easy_strerror(code)))
        }
    }

    /// What the server's refusal of a TLS connection means (RFC 8446, section 6.2); `nil`: it is no refusal.
    private var alert: String? {
        if says("wrong version number") {
            return "the server does not speak TLS there; use http:// or another port"
        }
        if says("alert protocol version") || says("unsupported protocol") {
            return "the server speaks no TLS 1.2 or later; enable it there"
        }
        if says("alert certificate required") {
            return "the server asks for a client certificate; give a certificate file and a key file"
        }
        if says("alert unknown ca") || says("alert bad certificate") || says("alert certificate")
            || says("alert unsupported certificate") || says("alert access denied")
        {
            return
                "the server does not accept the client certificate; give one of an authority that it trusts"
        }
        if says("alert handshake failure") {
            return
                "the server refuses the handshake: it asks for a client certificate, or shares no cipher"
        }
        return says(" alert ") ? "the server refuses the TLS connection" : nil
    }

    /// What is wrong with the server's certificate.
    private var certificate: String {
        switch verdict {
        case 9: "the server's certificate is not valid yet; check the clocks of both machines"
        case 10: "the server's certificate has expired; renew it there"
        case 18:
            "the server's certificate is self-signed and not trusted; give it, or its authority's, as CA file"
        case 2, 19, 20, 21:
            "no trusted authority has signed the server's certificate; give its authority's as CA file"
        // libcurl compares the names itself, before it asks for OpenSSL's verdict: until then that is
        // "unspecified".
        case 0, 1:
            "the server's certificate is for other host names; use one of those, or renew it with this one"
        default: "the server's certificate is not trusted"
        }
    }

    /// What is wrong with the client's own certificate or key.
    private func clientFile(_ credentials: HTTPCredentials) -> String {
        let certificate = credentials.certificateFile ?? ""
        let key = credentials.keyFile ?? certificate
        if says("PEM client certificate") {
            return "the client certificate \(certificate) is no PEM certificate that can be used"
        }
        let password = credentials.keyPassword == nil ? "a password" : "another password"
        return
            "the client key \(key) is no PEM key, is of another certificate, or is encrypted with \(password)"
    }

    /// On bytes: the message can hold names from a certificate.
    private func says(_ words: String) -> Bool { message.utf8.contains(words.utf8) }
}
