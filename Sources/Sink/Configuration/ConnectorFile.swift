import Cluster
import Files
import FoundationEssentials

/// A connector's file: its name and its properties as they stand there, placeholders and all.
///
/// Three forms are read: `{"name": …, "config": {…}}` that is POSTed to Kafka Connect, the flat object that
/// `PUT /connectors/NAME/config` takes, with `name` in it, and the `.properties` file of `connect-standalone`.
struct ConnectorFile {
    let path: String
    let name: String
    let properties: [String: String]

    /// A connector that came otherwise than by a file of its own.
    init(name: String, properties: [String: String]) {
        path = "connector \(name)"
        (self.name, self.properties) = (name, properties)
    }

    /// - Throws: `ConfigurationError` that says what the file is not.
    init(path: String) throws(ConfigurationError) {
        let text: String
        do {
            text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        } catch {
            throw Self.problem(path, "file", "cannot read: \(FileProblem(error))")
        }
        let isJSON = path.ends(with: ".json") || text.trimmed.begins(with: "{")
        var problems: [ConfigurationProblem] = []
        var properties: [String: String]
        do throws(ConfigurationProblem) {
            properties = isJSON ? try Self.json(text, &problems) : try Self.properties(text)
        } catch {
            throw ConfigurationError(file: path, problems: [error])
        }
        let name = properties.removeValue(forKey: "name") ?? ""
        if name.trimmed.isEmpty {
            problems.append(Self.problem("name", "is missing: the sink's progress is stored under it"))
        }
        // Connect does not replace placeholders in a name either; progress would be stored under the text itself.
        if name.range(ofBytes: "${") != nil {
            problems.append(Self.problem("name", "must not hold a placeholder"))
        }
        if properties.isEmpty, problems.isEmpty {
            problems.append(Self.problem("config", "is missing: an object with the connector's properties"))
        }
        guard problems.isEmpty else {
            throw ConfigurationError(file: path, problems: problems.sorted { $0.property < $1.property })
        }
        (self.path, self.name, self.properties) = (path, name, properties)
    }

    private static func properties(_ text: String) throws(ConfigurationProblem) -> [String: String] {
        do throws(PropertiesText.Failure) {
            return try PropertiesText(text).values
        } catch {
            throw problem("file", "line \(error.line): \(error.reason)")
        }
    }

    /// Values may be strings, numbers or booleans, as Connect takes them.
    private static func json(
        _ text: String,
        _ problems: inout [ConfigurationProblem]
    ) throws(ConfigurationProblem) -> [String: String] {
        let document: [String: JSONValue]
        do {
            document = try JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8))
        } catch {
            throw problem("file", "not a JSON object such as {\"name\": \"sink\", \"config\": {…}}")
        }
        guard case .object(var config) = document["config"] else {
            if document["config"] != nil { throw problem("config", "must be an object") }
            return scalars(document, &problems)
        }
        for (key, value) in document where key != "config" && key != "name" {
            // What `GET /connectors/NAME` answers besides is the state of another program.
            if key == "tasks" || key == "type" { continue }
            if key == "initial_state", value == .scalar("RUNNING") { continue }
            problems.append(problem(key, "stands beside config; properties belong into config"))
        }
        if let outer = document["name"] {
            if let inner = config["name"], inner != outer {
                problems.append(problem("name", "is another one beside config and in it"))
            }
            config["name"] = outer
        }
        return scalars(config, &problems)
    }

    private static func scalars(
        _ values: [String: JSONValue],
        _ problems: inout [ConfigurationProblem]
    ) -> [String: String] {
        var properties: [String: String] = [:]
        for (property, value) in values {
            if case .scalar(let text) = value {
                properties[property] = text
            } else {
                problems.append(problem(property, "must be a string, a number or a boolean"))
            }
        }
        return properties
    }

    private static func problem(_ property: String, _ reason: String) -> ConfigurationProblem {
        ConfigurationProblem(property: property, value: nil, reason: reason)
    }

    private static func problem(_ path: String, _ property: String, _ reason: String) -> ConfigurationError {
        ConfigurationError(file: path, problems: [problem(property, reason)])
    }
}

/// What can stand in a connector's file.
private enum JSONValue: Decodable, Equatable {
    case scalar(String)
    case object([String: JSONValue])
    case other

    init(from decoder: any Decoder) throws {
        if let object = try? [String: JSONValue](from: decoder) {
            self = .object(object)
            return
        }
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            self = .scalar(text)
        } else if let flag = try? value.decode(Bool.self) {
            self = .scalar(flag ? "true" : "false")
        } else if let number = try? value.decode(Int64.self) {
            self = .scalar(String(number))
        } else if let number = try? value.decode(Double.self) {
            self = .scalar(String(number))
        } else {
            self = .other
        }
    }
}
