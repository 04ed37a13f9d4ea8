import HTTPRequests

/// Whether a registry answers, asked without any schema's id.
public struct RegistryProbe: Sendable {
    /// What a server of a registry said.
    public enum Answer: Sendable, Hashable {
        case good
        /// It answers, and not as a registry that lets this sink read does.
        case other(String)
        case none(String)
    }

    /// The servers, as they may be shown, each with its answer.
    public private(set) var answers: [(url: String, answer: Answer)] = []

    /// Asks each server of a registry once: `/schemas/types` of Confluent's interface, `/system/info` of Apicurio's.
    public init(_ access: RegistryAccess) async {
        let client = HTTPClient(timeout: .seconds(5), credentials: access.credentials)
        for url in access.urls {
            let path = access.interface == .confluent ? "/schemas/types" : "/system/info"
            answers.append((HTTPBase.shown(url), await Self.answer(client, HTTPBase(url).url + path)))
        }
    }

    private static func answer(_ client: HTTPClient, _ url: String) async -> Answer {
        do throws(HTTPRequestError) {
            let reply = try await client.send("GET", url)
            switch reply.status {
            case 200:
                return (try? SchemaTree(reply.body)) == nil ? .other("answers 200, and not with JSON") : .good
            case 401, 403: return .other("answers \(reply.status): it does not let this sink read schemas")
            default: return .other("answers \(reply.status) to \(HTTPBase.shown(url))")
            }
        } catch {
            return .none("\(error)")
        }
    }
}
