import ChangeEvents

/// `org.apache.kafka.connect.transforms.ReplaceField`: leaves fields out, and renames them.
struct ReplaceField: Transform {
    private let side: RecordSide
    private let excluded: Set<ExactText>
    private let included: Set<ExactText>
    private let renames: [ExactText: String]
    private let sources: [ExactText: String]
    private let replacesNull: Bool
    private var cache = SchemaCache<Plan>()

    /// What becomes of records with one schema.
    private struct Plan: Sendable {
        let schema: ConnectSchema
        /// By new field, the place of the value.
        let places: [Int]
    }

    init?(_ options: inout TransformOptions, _ side: RecordSide) {
        self.side = side
        excluded = Set(options.list("exclude", alias: "blacklist").map { ExactText($0) })
        included = Set(options.list("include", alias: "whitelist").map { ExactText($0) })
        var renames: [ExactText: String] = [:]
        var sources: [ExactText: String] = [:]
        for pair in options.list("renames") {
            let parts = pair.javaParts(at: ":")
            guard parts.count == 2 else {
                options.add("renames", "must be pairs such as old:new, separated by commas")
                return nil
            }
            renames[ExactText(parts[0])] = parts[1]
            sources[ExactText(parts[1])] = parts[0]
        }
        (self.renames, self.sources) = (renames, sources)
        replacesNull = options.flag("replace.null.with.default", default: true)
    }

    /// Leaves these out; for the transforms that use this one.
    init(_ side: RecordSide, without names: [String]) {
        self.side = side
        excluded = Set(names.map { ExactText($0) })
        (included, renames, sources, replacesNull) = ([], [:], [:], true)
    }

    private func passes(_ name: String) -> Bool {
        !excluded.contains(ExactText(name)) && (included.isEmpty || included.contains(ExactText(name)))
    }

    mutating func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        let datum = record[side]
        guard !datum.isNull else { return true }
        guard let (schema, values) = try datum.structure(for: "ReplaceField") else {
            var members: [(name: String, value: ConnectValue)] = []
            for member in try datum.object(for: "ReplaceField") where passes(member.name) {
                members.put(renames[ExactText(member.name)] ?? member.name, member.value)
            }
            record[side] = ConnectDatum(nil, .object(members))
            return true
        }
        let plan = try cache.value(for: schema, plan)
        let updated = plan.places.map { values.value(at: $0, of: schema, defaulting: replacesNull) }
        record[side] = ConnectDatum(plan.schema, .structure(updated))
        return true
    }

    private func plan(_ schema: ConnectSchema) throws(DecodeError) -> Plan {
        var fields: [ConnectSchema.Field] = []
        var places: [Int] = []
        for field in schema.fields where passes(field.name) {
            let name = renames[ExactText(field.name)] ?? field.name
            let source = sources[ExactText(name)] ?? name
            guard let place = schema.place(of: source) else {
                throw DecodeError("there is no field \(source) to rename to \(name)", at: 0)
            }
            fields.append(ConnectSchema.Field(name: name, schema: field.schema))
            places.append(place)
        }
        return Plan(schema: try schema.with(fields: fields), places: places)
    }
}
