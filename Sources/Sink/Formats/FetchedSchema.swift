/// A schema's text with those that it refers to, as a registry gave them.
struct FetchedSchema: Sendable {
    /// In which language it is written.
    enum Language: Sendable, Hashable {
        case avro, jsonSchema
        /// Connect's own, as JsonConverter writes it in front of each record.
        case connect
    }

    struct Reference: Sendable {
        /// By which the schema names it.
        let name: String
        let text: [UInt8]
    }

    var language: Language
    var text: [UInt8]
    /// Each one after those that it needs itself.
    var references: [Reference] = []
}

/// Why a registry did not give a schema.
enum RegistryFailure: Error, Sendable, Hashable {
    /// It does not answer, or not as a registry does: later it may.
    case away(String)
    /// It answers that there is none, or one that cannot be used: so its records cannot be read.
    case unusable(String)
}
