import Foundation

/// The file that is POSTed to Kafka Connect: a connector's name and its properties.
struct ConnectorFile {
    let path: String
    let name: String
    let properties: [String: String]

    /// Reads `{"name": …, "config": {…}}`; values may be strings, numbers or booleans, as Connect takes them.
    ///
    /// - Throws: `ConfigurationError` that says what the file is not.
    init(path: String) throws(ConfigurationError) {
        func problem(_ property: String, _ reason: String) -> ConfigurationError {
            ConfigurationError(
                file: path,
                problems: [ConfigurationProblem(property: property, value: nil, reason: reason)]
            )
        }
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw problem("file", "cannot read: \(error.localizedDescription)")
        }
        let document: [String: JSONValue]
        do {
            document = try JSONDecoder().decode([String: JSONValue].self, from: data)
        } catch {
            throw problem("file", "not a JSON object such as {\"name\": \"sink\", \"config\": {…}}")
        }
        guard case .scalar(let name) = document["name"], !name.isEmpty else {
            throw problem("name", "is missing: the sink's progress is stored under it")
        }
        guard case .object(let config) = document["config"] else {
            throw problem("config", "is missing: an object with the connector's properties")
        }
        var properties: [String: String] = [:]
        for (property, value) in config {
            guard case .scalar(let text) = value else {
                throw problem(property, "must be a string, a number or a boolean")
            }
            properties[property] = text
        }
        (self.path, self.name, self.properties) = (path, name, properties)
    }
}

/// What can stand in a connector's file.
private enum JSONValue: Decodable {
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
