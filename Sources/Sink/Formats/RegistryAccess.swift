public import HTTPRequests

/// Where a schema registry is, which interface it has, and who asks.
public struct RegistryAccess: Sendable, Equatable {
    public enum Interface: Sendable, Hashable {
        /// Confluent's, which others have as well (Apicurio's is below `/apis/ccompat`).
        case confluent
        /// Apicurio's, in version 2 or 3.
        case apicurio(version: Int)
    }

    public var interface: Interface
    /// Asked in this order until one answers.
    public var urls: [String]
    public var credentials: HTTPCredentials

    public init(_ interface: Interface, urls: [String], credentials: HTTPCredentials) {
        (self.interface, self.urls, self.credentials) = (interface, urls, credentials)
    }
}

/// A converter that reads records with the schemas of a registry.
public struct RegistryConverter: Sendable, Equatable {
    /// What the data are written in.
    public enum Encoding: Sendable, Hashable {
        case avro, jsonSchema
        /// JSON with a schema of Connect's, as Apicurio's ExtJsonConverter writes it: `{"schemaId":…,"payload":…}`.
        case connectJSON
    }

    public var encoding: Encoding
    public var family: WireFormat.Family
    public var access: RegistryAccess

    public init(_ encoding: Encoding, _ family: WireFormat.Family, _ access: RegistryAccess) {
        (self.encoding, self.family, self.access) = (encoding, family, access)
    }
}
