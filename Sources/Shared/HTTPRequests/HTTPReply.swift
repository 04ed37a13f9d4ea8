/// What a server replied.
public struct HTTPReply: Sendable, Equatable {
    /// The HTTP status, such as 200; that of a redirect too, as none is followed.
    public let status: Int
    /// The body as it was sent; empty where there is none.
    public let body: [UInt8]

    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }

    /// The body as text; what is not UTF-8 in it becomes U+FFFD.
    public var text: String { String(decoding: body, as: UTF8.self) }
}
