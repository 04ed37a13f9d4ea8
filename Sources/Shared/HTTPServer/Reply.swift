internal import CMicroHTTPD

/// An answer in the library's form.
struct Reply: ~Copyable {
    /// In place of an answer whose headers cannot be sent.
    static let unsendable = HTTPAnswer.text("the answer has a header that cannot be sent", status: 500)

    private let handle: OpaquePointer
    private let status: UInt32

    /// - Parameter isLast: closes the connection afterwards.
    /// - Returns: `nil` when a header's name or value is not one, or memory is short.
    init?(_ answer: HTTPAnswer, isLast: Bool) {
        var body = answer.body
        let created = body.withUTF8 { bytes in
            // SAFETY: the library copies the bytes, and only reads them, though it asks for a mutable pointer.
            MHD_create_response_from_buffer(
                bytes.count,
                UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                .RESPMEM_MUST_COPY
            )
        }
        guard let created else { return nil }
        var headers = answer.headers
        headers["Content-Type"] = answer.contentType
        headers["Cache-Control"] = "no-store"
        if isLast { headers["Connection"] = "close" }
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            guard MHD_add_response_header(created, name, value) == .YES else {
                MHD_destroy_response(created)
                return nil
            }
        }
        (handle, status) = (created, UInt32(clamping: answer.status))
    }

    deinit {
        // The library counts references: what is queued lives until it is sent.
        MHD_destroy_response(handle)
    }

    /// Sends it as the answer to the request that the library asks about.
    func queue(on connection: OpaquePointer) -> MHD_Result {
        MHD_queue_response(connection, status, handle)
    }
}
