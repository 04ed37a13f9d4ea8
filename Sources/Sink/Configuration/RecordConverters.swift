import Formats

/// How keys and values are read: `key.converter` and `value.converter`.
struct RecordConverters: Sendable {
    /// What reads keys without a registry.
    var key = KeyConverter.json
    /// What reads keys with the schemas of a registry, where the file has such a converter.
    var keyRegistry: RegistryConverter?
    /// What reads values with the schemas of a registry; otherwise they are JSON.
    var valueRegistry: RegistryConverter?
}

/// The converters that need a schema registry, by Connect's classes.
enum RegistryConverterClass: String, CaseIterable, Sendable {
    case confluentAvro = "io.confluent.connect.avro.AvroConverter"
    case confluentJSONSchema = "io.confluent.connect.json.JsonSchemaConverter"
    case apicurioAvro = "io.apicurio.registry.utils.converter.AvroConverter"
    case apicurioJSON = "io.apicurio.registry.utils.converter.ExtJsonConverter"

    var isApicurio: Bool { self == .apicurioAvro || self == .apicurioJSON }

    var encoding: RegistryConverter.Encoding {
        switch self {
        case .confluentAvro, .apicurioAvro: .avro
        case .confluentJSONSchema: .jsonSchema
        case .apicurioJSON: .connectJSON
        }
    }
}

extension SinkConfiguration {
    /// What is read of change events besides the rows.
    var eventScope: EventScope {
        // Transforms read what a row does not need.
        if modes.recordForm == .row || transforms != nil { return .whole }
        return tableNameFormat.dependsOnTopicOnly ? .row : .rowAndSource
    }
}
