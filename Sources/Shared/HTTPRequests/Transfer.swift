import CCurl
import Glibc

/// One request on its way: libcurl's easy handle, and all that it points to.
///
/// It belongs to the request thread. It is a class because libcurl holds a pointer to it, for what arrives.
final class Transfer {
    let request: Request
    private let handle: UnsafeMutableRawPointer
    private let message: UnsafeMutablePointer<CChar>
    private var lines: UnsafeMutablePointer<curl_slist>?
    private var body: [UInt8] = []
    private var headCount = 0
    private var excess: RequestFailure.Excess?

    /// - Parameter id: what `MultiHandle` knows the transfer by.
    /// - Throws: `HTTPRequestError` when a file cannot be read, or libcurl lacks what is asked of it.
    init(_ request: Request, id: UInt) throws(HTTPRequestError) {
        if let problem = Self.unreadable(request) {
            throw HTTPRequestError(url: request.target.shown, cause: .notTrusted, reason: problem)
        }
        guard let handle = curl_easy_init() else {
            throw HTTPRequestError(
                url: request.target.shown,
                cause: .other,
                reason: "libcurl has no memory left"
            )
        }
        self.request = request
        self.handle = handle
        message = .allocate(capacity: Int(CURL_ERROR_SIZE))
        // SAFETY: the memory was allocated above with this capacity.
        message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        // From here on `deinit` frees all, also when an option is refused.
        try setTransport(id)
        try setRequest()
        try setTrust()
        try setLogin()
    }

    deinit {
        // SAFETY: `MultiHandle` lets go of a transfer only after it removed its handle; after this call
        // libcurl uses neither the message nor the lines, which options refer to until then.
        curl_easy_cleanup(handle)
        curl_slist_free_all(lines)
        message.deallocate()
    }

    /// Lends the handle to the multi handle.
    func withHandle<R>(_ body: (UnsafeMutableRawPointer) -> R) -> R { body(handle) }

    /// The reply, or why there is none.
    func result(_ code: CURLcode) -> Result<HTTPReply, HTTPRequestError> {
        guard code == CURLE_OK else {
            let failure = RequestFailure(
                code: code,
                verdict: handover_get_long(handle, CURLINFO_SSL_VERIFYRESULT),
                // SAFETY: libcurl ends what it writes into the buffer with NUL; before that it is all NUL.
                message: String(cString: message),
                excess: excess
            )
            return .failure(failure.error(of: request))
        }
        return .success(
            HTTPReply(status: handover_get_long(handle, CURLINFO_RESPONSE_CODE), body: body)
        )
    }

    // MARK: - What arrives

    /// Takes a part of the body; false: it is too much.
    private func take(body part: UnsafeRawBufferPointer) -> Bool {
        guard part.count <= request.limits.bodySize - body.count else {
            excess = .body
            return false
        }
        body.append(contentsOf: part)
        return true
    }

    /// Takes a line of a head, which is only counted; false: it is too much.
    private func take(headOf count: Int) -> Bool {
        headCount += count
        guard headCount <= request.limits.headSize else {
            excess = .head
            return false
        }
        return true
    }

    /// Gives libcurl the functions that take what arrives.
    private func setWriters() throws(HTTPRequestError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        try check(handover_set_pointer(handle, CURLOPT_WRITEDATA, context), CURLOPT_WRITEDATA)
        try check(handover_set_pointer(handle, CURLOPT_HEADERDATA, context), CURLOPT_HEADERDATA)
        let takeBody: curl_write_callback = { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            // SAFETY: the context is the transfer that owns the handle, and `MultiHandle` holds it while the
            // handle is in use; `bytes` has size * count bytes (CURLOPT_WRITEFUNCTION).
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
            // Any other number than that of the bytes ends the transfer, so does -1 as none has so many.
            return transfer.take(body: part) ? size * count : Int.max
        }
        let takeHead: curl_write_callback = { _, size, count, context in
            guard let context else { return 0 }
            // SAFETY: as above; CURLOPT_HEADERFUNCTION.
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.take(headOf: size * count) ? size * count : Int.max
        }
        try check(handover_set_writer(handle, CURLOPT_WRITEFUNCTION, takeBody), CURLOPT_WRITEFUNCTION)
        try check(handover_set_writer(handle, CURLOPT_HEADERFUNCTION, takeHead), CURLOPT_HEADERFUNCTION)
    }

    // MARK: - Options

    private func setTransport(_ id: UInt) throws(HTTPRequestError) {
        let target = request.target
        // A number in a pointer's clothes, which is never followed.
        try check(
            handover_set_pointer(handle, CURLOPT_PRIVATE, UnsafeMutableRawPointer(bitPattern: id)),
            CURLOPT_PRIVATE
        )
        // SAFETY: the buffer has CURL_ERROR_SIZE bytes and lives until after the handle's end.
        try check(handover_set_pointer(handle, CURLOPT_ERRORBUFFER, message), CURLOPT_ERRORBUFFER)
        try set(CURLOPT_NOSIGNAL, 1)
        // A look-up of a name cannot be ended; without this, the end of its transfer would wait for it and
        // hold up all others.
        try set(CURLOPT_QUICK_EXIT, 1)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_HTTP_VERSION, handover_http_1_1)
        try set(CURLOPT_NETRC, handover_netrc_ignored)
        try set(CURLOPT_TIMEOUT_MS, request.limits.milliseconds.whole)
        try set(CURLOPT_CONNECTTIMEOUT_MS, request.limits.milliseconds.connect)
        try set(CURLOPT_MAXFILESIZE, request.limits.bodySize)
        try set(CURLOPT_URL, target.url)
        try set(CURLOPT_PATH_AS_IS, 1)
        if let path = target.socketPath { try set(CURLOPT_UNIX_SOCKET_PATH, path) }
        // An empty name turns the environment's proxies off (CURLOPT_PROXY).
        if target.isLocal { try set(CURLOPT_PROXY, "") }
        // libcurl sends anew what a kept connection swallowed, whatever the method; only a new connection
        // prevents it.
        if !request.isIdempotent { try set(CURLOPT_FRESH_CONNECT, 1) }
        try setWriters()
    }

    private func setRequest() throws(HTTPRequestError) {
        try set(CURLOPT_USERAGENT, "handover")
        // A header without a value is left out: libcurl would wait a second for "100 Continue", or name a
        // form's type.
        var headers = ["Expect:", "Content-Type:" + (request.contentType.map { " \($0)" } ?? "")]
        let sendsBody = request.body != nil || ["POST", "PUT", "PATCH"].contains(request.method)
        if request.method == "HEAD", !sendsBody {
            try set(CURLOPT_NOBODY, 1)
        } else if sendsBody {
            try set(CURLOPT_POST, 1)
            let body = request.body ?? []
            // SAFETY: libcurl copies the bytes before the call returns (CURLOPT_COPYPOSTFIELDS). An empty
            // array may have no address, and none means "ask the read function"; so there is always a byte,
            // which the count leaves out.
            let code = (body + [0]).withUnsafeBytes { handover_set_body(handle, $0.baseAddress, body.count) }
            try check(code, CURLOPT_COPYPOSTFIELDS)
            try set(CURLOPT_CUSTOMREQUEST, request.method)
        } else if request.method != "GET" {
            try set(CURLOPT_CUSTOMREQUEST, request.method)
        }
        headers.append("Accept: */*")
        for header in headers {
            // SAFETY: libcurl copies the text; on failure it returns none and leaves the list as it was.
            guard let longer = curl_slist_append(lines, header) else {
                throw HTTPRequestError(
                    url: request.target.shown,
                    cause: .other,
                    reason: "libcurl has no memory left"
                )
            }
            lines = longer
        }
        // SAFETY: `deinit` frees the list after the handle.
        try check(handover_set_lines(handle, CURLOPT_HTTPHEADER, lines), CURLOPT_HTTPHEADER)
    }

    private func setTrust() throws(HTTPRequestError) {
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        try set(CURLOPT_SSLVERSION, handover_tls_1_2)
        // A renewed CA file counts at once; libcurl keeps what it read for a day otherwise.
        try set(CURLOPT_CA_CACHE_TIMEOUT, 0)
        guard request.target.isSecure else { return }
        let credentials = request.credentials
        if let file = credentials.caFile {
            try set(CURLOPT_CAINFO, file)
            // Debian's libcurl has a folder of authorities besides, and whoever is in there would be trusted
            // too.
            try set(CURLOPT_CAPATH, nil)
        }
        guard let file = credentials.certificateFile else { return }
        // libcurl compares the certificate's name, but neither the key nor what the files hold: a connection
        // that was proven with another key would do for it. So each request has its own.
        try set(CURLOPT_FRESH_CONNECT, 1)
        try set(CURLOPT_FORBID_REUSE, 1)
        try set(CURLOPT_SSLCERTTYPE, "PEM")
        try set(CURLOPT_SSLKEYTYPE, "PEM")
        try set(CURLOPT_SSLCERT, file)
        try set(CURLOPT_SSLKEY, credentials.keyFile ?? file)
        // Without one OpenSSL would ask for it on the terminal and wait there.
        try set(CURLOPT_KEYPASSWD, credentials.keyPassword ?? "")
    }

    private func setLogin() throws(HTTPRequestError) {
        let credentials = request.credentials
        if let token = credentials.token {
            try set(CURLOPT_HTTPAUTH, handover_auth_bearer)
            try set(CURLOPT_XOAUTH2_BEARER, token)
        } else if let name = credentials.userName {
            try set(CURLOPT_HTTPAUTH, handover_auth_basic)
            try set(CURLOPT_USERNAME, name)
            try set(CURLOPT_PASSWORD, credentials.password ?? "")
        }
    }

    private func set(_ option: CURLoption, _ value: Int) throws(HTTPRequestError) {
        try check(handover_set_long(handle, option, value), option)
    }

    private func set(_ option: CURLoption, _ value: String?) throws(HTTPRequestError) {
        // libcurl copies the text. No text that comes here has a NUL byte: it would end early.
        try check(handover_set_text(handle, option, value), option)
    }

    /// - Throws: an option that is not set would mean less security than was asked for, so nothing is sent.
    private func check(_ code: CURLcode, _ option: CURLoption) throws(HTTPRequestError) {
        guard code != CURLE_OK else { return }
        throw HTTPRequestError(
            url: request.target.shown,
            cause: .other,
            reason: "libcurl refuses its option \(option.rawValue)",
            detail: String(cString: curl_easy_strerror(code))
        )
    }

    /// A file of the credentials that cannot be read, and why: libcurl's own words for it are less clear.
    private static func unreadable(_ request: Request) -> String? {
        guard request.target.isSecure else { return nil }
        let credentials = request.credentials
        let files = [
            ("CA file", credentials.caFile), ("client certificate", credentials.certificateFile),
            ("client key", credentials.keyFile),
        ]
        for (name, file) in files {
            guard let file else { continue }
            var status = stat()
            guard access(file, R_OK) == 0, stat(file, &status) == 0 else {
                return "cannot read the \(name) \(file): \(String(cString: strerror(errno)))"
            }
            // Opening a named pipe would hold up this thread, and with it every request of the process.
            if status.st_mode & S_IFMT != S_IFREG { return "the \(name) \(file) is not a regular file" }
        }
        return nil
    }
}
