/// What the server weighs of a request before it reads a body; each header as often as the client sent it.
struct RequestHead: Equatable {
    var method: [UInt8]
    /// As it stands in the request's line.
    var target: [UInt8]
    var hosts: [[UInt8]] = []
    var origins: [[UInt8]] = []
    var authorizations: [[UInt8]] = []
    var lengths: [[UInt8]] = []
    var codings: [[UInt8]] = []
    /// A header's name is no token (RFC 9110, 5.1), such as one with a space before its colon, which another
    /// reader may take for the header without the space (RFC 9112, 5.1).
    var hasMalformedName = false
    /// The client waits for a word before it sends the body (RFC 9110, 10.1.1).
    var isWaiting = false

    /// Whether it changes something: every method other than `GET` and `HEAD`.
    var isOrder: Bool { !method.elementsEqual("GET".utf8) && !method.elementsEqual("HEAD".utf8) }

    /// Takes a header that the server weighs, and leaves others.
    mutating func add(_ name: some Collection<UInt8>, _ value: some Sequence<UInt8>) {
        if name.isCaseless("host") {
            hosts.append(Array(value))
        } else if name.isCaseless("origin") {
            origins.append(Array(value))
        } else if name.isCaseless("authorization") {
            authorizations.append(Array(value))
        } else if name.isCaseless("content-length") {
            lengths.append(Array(value))
        } else if name.isCaseless("transfer-encoding") {
            codings.append(Array(value))
        } else if name.isCaseless("expect") {
            isWaiting = true
        } else if name.isEmpty || !name.allSatisfy(\.isTokenPart) {
            hasMalformedName = true
        }
    }
}

/// How a body's end is told (RFC 9112, 6.3).
enum BodyFraming: Equatable {
    case none
    case length(Int)
    case chunked
    /// Two readers could take different things for the body: a way past a proxy's rules (request smuggling).
    case ambiguous

    init(_ head: RequestHead) {
        switch (head.codings.count, head.lengths.count) {
        case (0, 0): self = .none
        case (1, 0): self = head.codings[0].isCaseless("chunked") ? .chunked : .ambiguous
        case (0, 1):
            let digits = head.lengths[0]
            guard !digits.isEmpty, digits.allSatisfy(\.isDigit) else {
                self = .ambiguous
                return
            }
            let length = Int(String(decoding: digits, as: UTF8.self)) ?? .max
            self = length == 0 ? .none : .length(length)
        default: self = .ambiguous
        }
    }
}
