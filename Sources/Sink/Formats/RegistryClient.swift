import HTTPRequests

/// Asks a registry for schemas.
struct RegistryClient: Sendable {
    private let access: RegistryAccess
    private let encoding: RegistryConverter.Encoding
    private let get: Get

    /// Fetches a URL.
    typealias Get = @Sendable (String) async throws(HTTPRequestError) -> HTTPReply

    /// Schemas that one refers to, with those that they refer to.
    private static let referenceLimit = 200

    init(_ converter: RegistryConverter) {
        var client = HTTPClient(timeout: .seconds(5), credentials: converter.access.credentials)
        client.limits.connectTimeout = .seconds(2)
        client.limits.bodySize = 8 << 20
        let http = client
        self.init(converter) { url throws(HTTPRequestError) in try await http.send("GET", url) }
    }

    init(_ converter: RegistryConverter, get: @escaping Get) {
        (access, encoding, self.get) = (converter.access, converter.encoding, get)
    }

    /// The schema, from the first server that answers.
    func schema(_ id: SchemaID) async throws(RegistryFailure) -> FetchedSchema {
        var reasons: [String] = []
        for url in access.urls {
            do throws(RegistryFailure) {
                return try await schema(id, at: url)
            } catch {
                guard case .away(let reason) = error else { throw error }
                reasons.append(reason)
            }
        }
        throw .away(reasons.joined(separator: "; "))
    }

    private func schema(_ id: SchemaID, at url: String) async throws(RegistryFailure) -> FetchedSchema {
        let base = HTTPBase(url).url
        var collected = Collected()
        switch (access.interface, id) {
        case (.confluent, .number(let number)):
            return try await confluent("\(base)/schemas/ids/\(number)", base, id, &collected)
        case (.confluent, .guid):
            return try await confluent("\(base)/schemas/guids/\(id.guidText)", base, id, &collected)
        case (.apicurio(let version), .globalID(let number)):
            return try await apicurio("\(base)/ids/globalIds/\(number)", base, version, id, &collected)
        case (.apicurio(let version), .contentID(let number)):
            return try await apicurio("\(base)/ids/contentIds/\(number)", base, version, id, &collected)
        default: throw .unusable("\(id) is of another registry than \(HTTPBase.shown(url))")
        }
    }

    /// What was found on the way to a schema.
    private struct Collected {
        var references: [FetchedSchema.Reference] = []
        private var known: Set<ExactText> = []

        /// Whether a schema was not met yet; each is read once.
        mutating func isNew(_ name: String, _ id: SchemaID) throws(RegistryFailure) -> Bool {
            guard known.count < RegistryClient.referenceLimit else {
                throw .unusable("\(id) refers to more than \(RegistryClient.referenceLimit) other schemas")
            }
            return known.insert(ExactText(name)).inserted
        }
    }

    // MARK: Confluent's interface

    /// `GET /schemas/ids/{id}`, `/schemas/guids/{guid}` and `/subjects/{subject}/versions/{version}` of Confluent's API.
    private func confluent(
        _ url: String,
        _ base: String,
        _ id: SchemaID,
        _ collected: inout Collected
    ) async throws(RegistryFailure) -> FetchedSchema {
        let tree = try await tree(url, id)
        guard let text = tree["schema"]?.text else {
            throw .away("\(HTTPBase.shown(url)) answers without a schema: is that a registry's address?")
        }
        let language: FetchedSchema.Language
        switch tree["schemaType"]?.text ?? "AVRO" {
        case "AVRO": language = .avro
        case "JSON": language = .jsonSchema
        case let type: throw .unusable("\(id) is a schema of type \(type), which is not supported".visible)
        }
        for reference in tree["references"]?.elements ?? [] {
            guard let name = reference["name"]?.text, let subject = reference["subject"]?.text,
                let version = reference["version"]?.integer
            else { continue }
            guard try collected.isNew("\(subject) \(version)", id) else { continue }
            let path = "\(base)/subjects/\(HTTPBase.segment(subject))/versions/\(version)"
            let other = try await confluent(path, base, id, &collected)
            collected.references.append(FetchedSchema.Reference(name: name, text: other.text))
        }
        return FetchedSchema(language: language, text: Array(text.utf8), references: collected.references)
    }

    // MARK: Apicurio's interface

    private func apicurio(
        _ url: String,
        _ base: String,
        _ version: Int,
        _ id: SchemaID,
        _ collected: inout Collected
    ) async throws(RegistryFailure) -> FetchedSchema {
        let isVersion = url.range(ofBytes: "/groups/") != nil
        // Version 3 has the text of an artifact's version a step below it.
        let text = try await body(isVersion && version > 2 ? url + "/content" : url, id)
        for reference in try await tree(url + "/references", id).elements ?? [] {
            guard let name = reference["name"]?.text, let artifact = reference["artifactId"]?.text,
                let number = reference["version"]?.text
            else { continue }
            let group = reference["groupId"]?.text ?? "default"
            guard try collected.isNew("\(group) \(artifact) \(number)", id) else { continue }
            let path =
                "\(base)/groups/\(HTTPBase.segment(group))/artifacts/\(HTTPBase.segment(artifact))/versions/"
                + HTTPBase.segment(number)
            let other = try await apicurio(path, base, version, id, &collected)
            collected.references.append(FetchedSchema.Reference(name: name, text: other.text))
        }
        let language: FetchedSchema.Language =
            switch encoding {
            case .avro: .avro
            case .jsonSchema: .jsonSchema
            case .connectJSON: .connect
            }
        return FetchedSchema(language: language, text: text, references: collected.references)
    }

    // MARK: Requests

    private func tree(_ url: String, _ id: SchemaID) async throws(RegistryFailure) -> SchemaTree {
        let body = try await body(url, id)
        do throws(SchemaError) {
            return try SchemaTree(body)
        } catch {
            throw .away("\(HTTPBase.shown(url)) does not answer as a registry: \(error)")
        }
    }

    private func body(_ url: String, _ id: SchemaID) async throws(RegistryFailure) -> [UInt8] {
        let reply: HTTPReply
        do throws(HTTPRequestError) {
            reply = try await get(url)
        } catch {
            throw .away("\(error)")
        }
        let shown = HTTPBase.shown(url)
        switch reply.status {
        case 200: return reply.body
        case 401, 403: throw .away("\(shown) answers \(reply.status): it does not let this sink read schemas")
        case 404 where Self.saysUnknown(reply.body, access.interface):
            throw .unusable("the registry has no \(id) (\(shown))")
        case 404: throw .away("\(shown) answers 404, and not as a registry does: is its address right?")
        default: throw .away("\(shown) answers \(reply.status)")
        }
    }

    /// Whether it is a registry that does not know the schema, rather than a server without one.
    ///
    /// Confluent's codes are 40401 to 40403, for subject, version and schema; Apicurio names its error.
    private static func saysUnknown(_ body: [UInt8], _ interface: RegistryAccess.Interface) -> Bool {
        guard let tree = try? SchemaTree(body) else { return false }
        switch interface {
        case .confluent: return tree["error_code"]?.integer.map { 40401...40403 ~= $0 } ?? false
        case .apicurio: return tree["name"]?.text?.ends(with: "NotFoundException") ?? false
        }
    }
}
