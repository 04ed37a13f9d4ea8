/// A `jdbc:postgresql://` URL in libpq's terms.
///
/// Grammar: "Connecting to the Database" in pgJDBC's documentation. `JDBCParameter` says what becomes of each
/// parameter. No part of the URL is repeated in a problem, because it may hold a password.
struct JDBCURL {
    private(set) var options: [String: String] = [:]
    private(set) var problems: [ConfigurationProblem] = []
    /// Parameters that change nothing here.
    private(set) var notes: [ConfigurationNote] = []
    /// Whether texts are read as the column's type reads them: `stringtype=unspecified`.
    private(set) var readsTexts = false
    /// The parameters that stand in the URL.
    private var names: Set<String> = []

    init(_ url: String) {
        let prefix = "jdbc:postgresql://"
        guard let rest = url.without(prefix: prefix) else {
            refuse("must begin with \(prefix), as in \(prefix)host:5432/database")
            return
        }
        let parts = rest.parts(at: "?", limit: 2, keepingEmpty: true)
        addAddress(parts[0])
        let parameters = (parts.count > 1 ? parts[1].parts(at: "&") : []).map {
            $0.parts(at: "=", limit: 2, keepingEmpty: true)
        }
        // pgJDBC reads ssl only where sslmode is not given: the other order would let ssl win.
        let ordered = parameters.filter { $0[0] == "ssl" } + parameters.filter { $0[0] != "ssl" }
        for pair in ordered { add(pair[0], pair.count == 2 ? pair[1] : "") }
    }

    private mutating func addAddress(_ text: String) {
        let address = text.parts(at: "/", limit: 2, keepingEmpty: true)
        if address.count == 2, !address[1].isEmpty {
            if let database = address[1].urlDecoded {
                options["dbname"] = database
            } else {
                refuse("the database's name is not validly percent-encoded")
            }
        } else {
            refuse("names no database after the host")
        }
        var hosts: [String] = []
        var ports: [String] = []
        for host in address[0].parts(at: ",", keepingEmpty: true) {
            let (name, port) = Self.split(host)
            if name.isEmpty { refuse("names no host") }
            if UInt16(port) ?? 0 == 0 { refuse("a port must be a number from 1 to 65535") }
            hosts.append(name)
            ports.append(port)
        }
        options["host"] = hosts.joined(separator: ",")
        options["port"] = ports.joined(separator: ",")
    }

    private static func split(_ host: String) -> (name: String, port: String) {
        // An IPv6 address stands in brackets, because it has colons of its own.
        let scalars = host.unicodeScalars
        if scalars.first == "[", let end = scalars.firstIndex(of: "]") {
            let rest = scalars[end...].dropFirst()
            return (String(scalars[..<end].dropFirst()), rest.isEmpty ? "5432" : String(rest.dropFirst()))
        }
        let parts = host.parts(at: ":", limit: 2, keepingEmpty: true)
        return (parts[0], parts.count == 2 ? parts[1] : "5432")
    }

    private mutating func add(_ name: String, _ encoded: String) {
        guard let value = encoded.urlDecoded else {
            refuse("parameter \(name) is not validly percent-encoded")
            return
        }
        names.insert(name)
        if let reason = take(name, value, as: "connection.url parameter \(name)") {
            refuse("parameter \(name) \(reason)")
        }
    }

    /// Takes a parameter that stands beside the URL; in pgJDBC the one in the URL holds, and sslmode before ssl: of both
    /// beside it, sslmode must come last.
    mutating func add(property name: String, _ value: String) {
        let isGiven = names.contains(name) || (name == "ssl" && names.contains("sslmode"))
        guard !isGiven else {
            notes.append(ConfigurationNote(property: "connection.\(name)", reason: "connection.url says it"))
            return
        }
        guard let reason = take(name, value, as: "connection.\(name)") else { return }
        // The value may have come out of a placeholder.
        problems.append(ConfigurationProblem(property: "connection.\(name)", value: nil, reason: reason))
    }

    /// - Returns: why it is refused.
    private mutating func take(_ name: String, _ value: String, as property: String) -> String? {
        switch JDBCParameter(name, value) {
        case .option(let keyword, let value): options[keyword] = value
        case .setting(let setting):
            options["options"] = [options["options"], setting].compactMap { $0 }.joined(separator: " ")
        case .effectless(let reason): notes.append(ConfigurationNote(property: property, reason: reason))
        case .readsTexts: readsTexts = true
        case .refused(let reason): return reason
        }
        return nil
    }

    private mutating func refuse(_ reason: String) {
        problems.append(ConfigurationProblem(property: "connection.url", value: nil, reason: reason))
    }
}

extension String {
    /// The text with `%XX` and `+` resolved as pgJDBC's `URLDecoder` does, or `nil` when it is not valid UTF-8.
    fileprivate var urlDecoded: String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                continue
            }
            guard rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
