import FoundationEssentials

/// How a connection came in.
enum Door: Equatable, Sendable {
    /// A Unix socket: its file's permission is the lock.
    case unix
    /// To a loopback address: the client is on this machine.
    case loopback
    case network
}

/// Decides who is answered.
struct Admission: Sendable {
    private let token: OrderToken?
    /// Names under which the server is asked; a port where only that one is meant.
    private let names: [Authority]

    init(_ access: HTTPAccess, listen: ListenAddress) {
        token = access.token
        let own = listen.path == nil ? [listen.host] : []
        names = (["localhost"] + own + access.hosts).compactMap { Authority(Array($0.utf8)) }
    }

    /// Why the request is not answered, whatever it asks for; `nil` when it may be.
    ///
    /// A load balancer's check often has no `Host`, a browser's request always has one: reading without it is
    /// harmless. Addresses are harmless as well, for who controls a name cannot make it look like one.
    func refusal(_ head: RequestHead) -> HTTPAnswer? {
        guard head.hosts.count < 2 else {
            return .refusal(400, "refused: the request has several Host headers")
        }
        guard let host = head.hosts.first else {
            return head.isOrder ? .refusal(400, "refused: an order needs the header Host") : nil
        }
        guard let asked = Authority(host) else {
            return .refusal(400, "refused: the header Host is malformed")
        }
        guard asked.host.isAddress || names.contains(where: { $0.covers(asked) }) else {
            guard case .name(let name) = asked.host else { return nil }
            // Letters, digits, dots, dashes and underscores: Authority lets nothing else through.
            let text = String(decoding: name, as: UTF8.self)
            return .refusal(
                421,
                "refused: this server is not known as \(text); allow it with --allow-host \(text)"
            )
        }
        return nil
    }

    /// Why an order, which `refusal(_:)` let pass, is not followed; `nil` when it is.
    ///
    /// - Parameter isPrivate: whether reading takes what an order takes.
    func orderRefusal(_ head: RequestHead, through door: Door, isPrivate: Bool = false) -> HTTPAnswer? {
        guard head.isOrder || isPrivate else { return nil }
        if let foreign = foreignRefusal(head) { return foreign }
        switch (door, token) {
        case (.unix, _): return nil
        case (_, let token?):
            guard head.authorizations.count == 1,
                let presented = Self.bearer(head.authorizations[0]) ?? Self.password(head.authorizations[0]),
                token.matches(presented)
            else {
                return .refusal(
                    401,
                    "refused: orders need the header Authorization: Bearer TOKEN",
                    ["WWW-Authenticate": "Bearer"]
                )
            }
            return nil
        case (.loopback, nil):
            if let host = head.hosts.first.flatMap(Authority.init), host.host.isLoopback { return nil }
            fallthrough
        case (.network, nil):
            return .refusal(
                403,
                "refused: orders are followed over loopback only; for others give the server --token-file FILE, "
                    + "or use a Unix socket"
            )
        }
    }

    /// A browser names the page that asks: a loopback address does not keep pages of others from commanding
    /// this program.
    private func foreignRefusal(_ head: RequestHead) -> HTTPAnswer? {
        guard let origin = head.origins.first else { return nil }
        let own = (head.hosts.first ?? []).lowercased
        let presented = origin.lowercased
        guard head.origins.count == 1, !own.isEmpty,
            presented.elementsEqual(Array("http://".utf8) + own)
                || presented.elementsEqual(Array("https://".utf8) + own)
        else { return .refusal(403, "refused: asked by a page of another site") }
        return nil
    }

    /// The token in `Bearer TOKEN`; the scheme is in any case (RFC 9110, 11.1).
    private static func bearer(_ value: [UInt8]) -> [UInt8]? {
        guard value.count > 7, value[..<6].isCaseless("bearer"), value[6] == UInt8(ascii: " ") else {
            return nil
        }
        var token = value[6...].drop { $0 == UInt8(ascii: " ") }
        while let last = token.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") {
            token.removeLast()
        }
        return Array(token)
    }
}

extension Admission {
    /// The password in `Basic BASE64`, whoever the user is: clients of Kafka Connect know no other way to log in.
    private static func password(_ value: [UInt8]) -> [UInt8]? {
        guard value.count > 6, value[..<5].isCaseless("basic"), value[5] == UInt8(ascii: " "),
            let pair = Data(base64Encoded: String(decoding: value[6...], as: UTF8.self).trimmed),
            let colon = pair.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return Array(pair[(colon + 1)...])
    }
}

extension Authority {
    /// Whether the server, known by this, is the one that is asked.
    fileprivate func covers(_ asked: Authority) -> Bool {
        host == asked.host && (port == nil || port == asked.port)
    }
}
