/// What a schema became: how data are turned into the JSON that JsonConverter would have written.
final class CompiledSchema: Sendable {
    enum Form: Sendable {
        case avro(AvroPlan)
        /// The data are JSON already.
        case json
    }

    let form: Form
    /// `{"schema":…,"payload":`.
    let prefix: [UInt8]

    /// - Throws: `SchemaError` for a text that is no schema.
    init(_ schema: FetchedSchema, scope: EventScope) throws(SchemaError) {
        switch schema.language {
        case .avro:
            let plan = try AvroPlan(
                AvroSchema(schema.text, references: schema.references.map(\.text)),
                scope: scope
            )
            (form, prefix) = (.avro(plan), plan.prefix)
        case .jsonSchema:
            var references: [ExactText: SchemaTree] = [:]
            for reference in schema.references {
                references[ExactText(reference.name)] = try SchemaTree(reference.text)
            }
            var type = JSONSchemaType(try SchemaTree(schema.text), references: references)
            (form, prefix) = (.json, type.connectType().payloadStart)
        case .connect:
            _ = try SchemaTree(schema.text)
            form = .json
            prefix = Array(#"{"schema":"#.utf8) + schema.text + Array(#","payload":"#.utf8)
        }
    }
}
