/// What the sink may do to the destination's tables: `schema.evolution`, or `auto.create` and `auto.evolve`.
struct SchemaEvolution: Hashable, Sendable {
    /// Whether a table that is missing is created from the first record's schema.
    var createsTables = false
    /// Whether columns that a table lacks are added.
    var addsColumns = false
    /// Whether all tables must be there before the sink joins the group.
    var requiresTables = false

    init() {}

    /// Takes the properties of both dialects, which must not contradict each other.
    init(_ reader: inout PropertyReader) {
        let creates = reader.peek("auto.create") == nil ? nil : reader.flag("auto.create", default: false)
        let adds = reader.peek("auto.evolve") == nil ? nil : reader.flag("auto.evolve", default: false)
        createsTables = creates ?? false
        addsColumns = adds ?? false
        guard let value = reader.take("schema.evolution") else { return }
        switch value.trimmed.lowercasedASCII {
        case "none": break
        case "validate-only": requiresTables = true
        case "basic": (createsTables, addsColumns) = (true, true)
        default:
            reader.add("schema.evolution", value, "must be one of none, validate-only, basic")
            return
        }
        for (property, given, meant) in [
            ("auto.create", creates, createsTables), ("auto.evolve", adds, addsColumns),
        ] {
            guard let given, given != (value.trimmed.lowercasedASCII == "basic" && meant) else { continue }
            reader.add(
                property,
                "\(given)",
                "contradicts schema.evolution = \"\(value)\"; one of the two is enough"
            )
        }
    }
}
