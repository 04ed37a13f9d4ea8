import Shared

/// A `jdbc:postgresql://` URL in libpq's terms.
///
/// Grammar: "Connecting to the Database" in pgJDBC's documentation. Parameters that have no meaning for
/// libpq are refused by name, so that none is silently without effect.
enum JDBCURL {
    /// - Throws: `ConfigurationProblem`; the URL is not repeated in it, because it may hold a password.
    static func options(_ url: String) throws(ConfigurationProblem) -> [String: String] {
        func problem(_ reason: String) -> ConfigurationProblem {
            ConfigurationProblem(property: "connection.url", value: nil, reason: reason)
        }
        let prefix = "jdbc:postgresql://"
        guard url.hasPrefix(prefix) else {
            throw problem("must begin with \(prefix), as in \(prefix)host:5432/database")
        }
        let parts = url.dropFirst(prefix.count).split(
            separator: "?",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        let address = parts[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard address.count == 2, !address[1].isEmpty else {
            throw problem("names no database behind the host")
        }
        guard let database = String(address[1]).removingPercentEncoding else {
            throw problem("the database's name is not validly percent-encoded")
        }
        var options = ["dbname": database]
        var hosts: [String] = []
        var ports: [String] = []
        for host in address[0].split(separator: ",", omittingEmptySubsequences: false) {
            let (name, port) = split(host)
            guard !name.isEmpty else { throw problem("names no host") }
            guard let number = UInt16(port), number > 0 else { throw problem("\(port) is no port") }
            hosts.append(name)
            ports.append(port)
        }
        options["host"] = hosts.joined(separator: ",")
        options["port"] = ports.joined(separator: ",")
        for parameter in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(pair[0])
            guard pair.count == 2, let value = String(pair[1]).removingPercentEncoding else {
                throw problem("parameter \(name) has no valid value")
            }
            try add(name, value, to: &options, problem)
        }
        return options
    }

    private static func split(_ host: Substring) -> (name: String, port: String) {
        // An IPv6 address stands in brackets, because it has colons of its own.
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            let rest = host[host.index(after: end)...]
            return (
                String(host[host.index(after: host.startIndex)..<end]),
                rest.isEmpty ? "5432" : String(rest.dropFirst())
            )
        }
        let parts = host.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count == 2 ? String(parts[1]) : "5432")
    }

    private static func add(
        _ name: String,
        _ value: String,
        to options: inout [String: String],
        _ problem: (String) -> ConfigurationProblem
    ) throws(ConfigurationProblem) {
        switch name {
        case "user": options["user"] = value
        case "password": options["password"] = value
        case "sslmode", "sslrootcert", "sslcert", "sslkey": options[name] = value
        case "ssl": options["sslmode"] = value == "true" || value.isEmpty ? "verify-full" : "disable"
        case "ApplicationName": options["application_name"] = value
        case "currentSchema": options["options"] = "-c search_path=\(escape(value))"
        case "targetServerType" where value == "primary": options["target_session_attrs"] = "primary"
        case "targetServerType" where value == "any": options["target_session_attrs"] = "any"
        // How pgJDBC sends its statements; this sink always sends arrays.
        case "reWriteBatchedInserts", "prepareThreshold", "stringtype": break
        default: throw problem("parameter \(name) is not supported; remove it")
        }
    }

    /// A value inside libpq's `options`, where spaces separate and backslashes escape.
    private static func escape(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing(" ", with: "\\ ")
    }
}

extension String {
    /// The text with `%XX` resolved, or `nil` when it is not validly encoded UTF-8.
    fileprivate var removingPercentEncoding: String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
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
