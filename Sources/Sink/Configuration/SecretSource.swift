import Files
import FoundationEssentials

/// Where `${env:NAME}` and `${file:PATH:KEY}` in values come from.
///
/// The grammar is that of Kafka's `ConfigTransformer`: `${provider:path:key}` or `${provider:key}`; a `${…}`
/// without a colon, such as `${topic}`, is no placeholder. What a placeholder stands for is not read again.
struct SecretSource {
    /// Why a placeholder cannot be replaced; holds names, never a value.
    struct Failure: Error, Hashable {
        let reason: String
    }

    private let environment: [String: String]
    private var files: [String: Result<[String: String], Failure>] = [:]

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
    }

    /// The value with its placeholders replaced.
    mutating func resolve(_ value: String) throws(Failure) -> String {
        var result = ""
        var rest = value[...]
        while let start = rest.range(ofBytes: "${") {
            result += rest[..<start.lowerBound]
            guard let end = rest.unicodeScalars[start.upperBound...].firstIndex(of: "}") else {
                rest = rest[start.lowerBound...]
                break
            }
            let inner = rest[start.upperBound..<end]
            if inner.unicodeScalars.contains(":") {
                result += try look(up: inner)
            } else {
                result += rest[start.lowerBound..<end] + "}"
            }
            rest = rest[rest.unicodeScalars.index(after: end)...]
        }
        return result + rest
    }

    private mutating func look(up placeholder: Substring) throws(Failure) -> String {
        let parts = placeholder.parts(at: ":", limit: 3, keepingEmpty: true)
        switch (parts[0], parts.count) {
        case ("env", 2): return try variable(parts[1])
        // The environment has no paths; Kafka's provider knows an empty one only.
        case ("env", 3) where parts[1].isEmpty: return try variable(parts[2])
        case ("file", 3): return try entry(parts[2], ofFile: parts[1])
        case ("file", _): throw Failure(reason: "a file's placeholder is ${file:PATH:KEY}")
        case ("env", _): throw Failure(reason: "a variable's placeholder is ${env:NAME}")
        default:
            throw Failure(
                reason: "there is no provider \(parts[0]); ${env:NAME} and ${file:PATH:KEY} are known"
            )
        }
    }

    private func variable(_ name: String) throws(Failure) -> String {
        guard let value = environment[name] else {
            throw Failure(reason: "the environment variable \(name) is not set")
        }
        return value
    }

    private mutating func entry(_ key: String, ofFile path: String) throws(Failure) -> String {
        let file = files[path] ?? Self.read(path)
        files[path] = file
        guard let value = try file.get()[key] else {
            throw Failure(reason: "the file \(path) has no key \(key)")
        }
        return value
    }

    private static func read(_ path: String) -> Result<[String: String], Failure> {
        do {
            let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
            return .success(try PropertiesText(text).values)
        } catch let failure as PropertiesText.Failure {
            // The reason may quote a key, and in a file that is no properties file a secret may stand there.
            return .failure(Failure(reason: "line \(failure.line) of the file \(path) cannot be read"))
        } catch {
            return .failure(Failure(reason: "the file \(path) cannot be read"))
        }
    }
}
