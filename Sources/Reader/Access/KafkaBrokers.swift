/// The brokers, and how each client of this program reaches them.
package struct KafkaBrokers: Sendable, Equatable {
    /// `host:port` with commas between them.
    package var servers: String
    /// librdkafka's properties of TLS, SASL and the like.
    package var properties: [String: String]

    package init(servers: String, properties: [String: String] = [:]) {
        (self.servers, self.properties) = (servers, properties)
    }

    /// The properties of one client.
    ///
    /// - Parameter own: what the client needs; it wins but for the group's name, by which rights may be given.
    package func client(_ own: [String: String] = [:]) -> [String: String] {
        var all = properties.merging(own) { _, own in own }
        all["bootstrap.servers"] = servers
        if let group = properties["group.id"] { all["group.id"] = group }
        return all
    }
}
