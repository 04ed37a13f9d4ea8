public import Commands
import HTTPRequests
public import HTTPServer
public import Logs
public import Postgres

extension ConnectionOptions: OptionValue {
    public init(argument: String) throws(InvalidValue) {
        do throws(PostgresError) {
            try self.init(argument)
        } catch {
            throw InvalidValue(error.message)
        }
    }

    public static var valid: String { "such as postgresql://user@host:5432/database" }

    /// It may hold a password.
    public static var isSecret: Bool { true }

    public static func exposure(of argument: String) -> String? {
        let options = try? ConnectionOptions(argument)
        guard options?["password"] != nil || options?["sslpassword"] != nil else { return nil }
        return "leave it out here and put it into ~/.pgpass, the file that PGPASSFILE names, or PGPASSWORD"
    }

    public var argument: String { description }
}

/// The base URL of a program's or a server's HTTP interface.
public struct ServerURL: OptionValue, Equatable {
    public let url: String

    public init(_ url: String) {
        self.url = url
    }

    public init(argument: String) throws(InvalidValue) {
        guard !argument.isEmpty else { throw InvalidValue() }
        url = argument
    }

    public static var valid: String { "a URL such as http://127.0.0.1:8090" }

    /// User and password may stand in it.
    public static var isSecret: Bool { true }

    public static func exposure(of argument: String) -> String? {
        HTTPBase(argument).hasPassword ? Self.instead : nil
    }

    /// Where the password of an HTTP interface belongs.
    static let instead =
        "leave it out here and give the user and a file with the password, by the options that end in -user and "
        + "-password-file"

    public var argument: String { HTTPBase.shown(url) }
}

extension ListenAddress: OptionValue {
    public init(argument: String) throws(InvalidValue) {
        guard let address = ListenAddress(argument) else { throw InvalidValue() }
        self = address
    }

    public var argument: String { description }
}

extension LogFormat: OptionValue {}
extension Logger.Level: OptionValue {}

/// Base URLs with commas between them, such as `http://127.0.0.1:8008,http://127.0.0.1:8009`.
public struct URLList: OptionValue, Equatable {
    public let urls: [String]

    public init(argument: String) throws(InvalidValue) {
        urls = argument.utf8.split(separator: UInt8(ascii: ",")).compactMap { part in
            let url = Self.trimmed(part)
            return url.isEmpty ? nil : url
        }
        guard !urls.isEmpty else { throw InvalidValue() }
    }

    /// Without blanks around it and slashes at its end: paths are put after it.
    private static func trimmed(_ part: Substring.UTF8View) -> String {
        var rest = part.drop { $0 == UInt8(ascii: " ") }
        while let last = rest.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "/") {
            rest.removeLast()
        }
        return String(Substring(rest))
    }

    public static var valid: String {
        "one or more URLs such as http://127.0.0.1:8008, with commas between them"
    }

    /// User and password may stand in a URL.
    public static var isSecret: Bool { true }

    public static func exposure(of argument: String) -> String? {
        let parts = argument.utf8.split(separator: UInt8(ascii: ",")).map { HTTPBase(trimmed($0)) }
        return parts.contains(where: \.hasPassword) ? ServerURL.instead : nil
    }

    public var argument: String { "\(urls.count) URLs" }
}

/// The parts of a list with commas between them; empty ones are left out.
public struct NameList: OptionValue, Equatable {
    public let names: [String]

    public init(argument: String) throws(InvalidValue) {
        names = argument.utf8.split(separator: UInt8(ascii: ",")).map { String(Substring($0)) }
        guard !names.isEmpty else { throw InvalidValue() }
    }

    public static var valid: String { "one or more names, with commas between them" }
    public var argument: String { names.joined(separator: ",") }
}
