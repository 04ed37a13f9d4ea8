/// Finds the route for a question.
struct RouteTable: Sendable {
    /// What is answered to a method and a path.
    enum Finding {
        case route(HTTPRoute, parameters: [String: String])
        case unknownPath
        /// The path is known, for these methods.
        case wrongMethod(allow: String)
    }

    private struct Entry {
        let route: HTTPRoute
        let parts: [Part]
    }

    private enum Part {
        case text(String)
        case parameter(String)
    }

    private let entries: [Entry]

    /// - Parameter routes: the first one that fits answers; one without parameters goes before one with them.
    init(_ routes: [HTTPRoute]) {
        let entries = routes.map { route in
            Entry(
                route: route,
                parts: route.path.utf8.split(separator: UInt8(ascii: "/")).map { part in
                    part.first == UInt8(ascii: ":")
                        ? .parameter(String(decoding: part.dropFirst(), as: UTF8.self))
                        : .text(String(decoding: part, as: UTF8.self))
                }
            )
        }
        self.entries = entries.filter { !Self.hasParameters($0) } + entries.filter(Self.hasParameters)
    }

    /// Whether any answer is made while its connection rests.
    var haveLater: Bool {
        entries.contains { if case .later = $0.route.maker { true } else { false } }
    }

    /// - Parameter method: as the client wrote it; methods are case-sensitive.
    func find(_ method: [UInt8], _ parts: [String]) -> Finding {
        let asked = method.elementsEqual("HEAD".utf8) ? Array("GET".utf8) : method
        var allowed: [String] = []
        for entry in entries {
            guard let parameters = Self.match(entry.parts, parts) else { continue }
            if asked.elementsEqual(entry.route.method.rawValue.utf8) {
                return .route(entry.route, parameters: parameters)
            }
            let names = entry.route.method == .get ? ["GET", "HEAD"] : [entry.route.method.rawValue]
            allowed += names.filter { !allowed.contains($0) }
        }
        return allowed.isEmpty ? .unknownPath : .wrongMethod(allow: allowed.joined(separator: ", "))
    }

    private static func hasParameters(_ entry: Entry) -> Bool {
        entry.parts.contains { if case .parameter = $0 { true } else { false } }
    }

    private static func match(_ pattern: [Part], _ parts: [String]) -> [String: String]? {
        guard pattern.count == parts.count else { return nil }
        var parameters: [String: String] = [:]
        for (expected, part) in zip(pattern, parts) {
            switch expected {
            // Bytes, for Swift's == holds canonically equivalent texts for the same.
            case .text(let text): guard text.utf8.elementsEqual(part.utf8) else { return nil }
            case .parameter(let name): parameters[name] = part
            }
        }
        return parameters
    }
}
