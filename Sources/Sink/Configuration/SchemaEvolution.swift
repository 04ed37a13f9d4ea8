/// What the sink may do to the destination's tables: `schema.evolution`, or `auto.create` and `auto.evolve`.
struct SchemaEvolution: Hashable, Sendable {
    /// The words of Debezium's property.
    enum Mode: String, CaseIterable, Sendable {
        case none
        case validateOnly = "validate-only"
        case basic
    }

    /// Whether a table that is missing is created from the first record's schema.
    var createsTables = false
    /// Whether columns that a table lacks are added.
    var addsColumns = false
    /// Whether all tables must be there before the sink joins the group.
    var requiresTables = false

    init() {}

    /// Takes the properties of both dialects, which must not contradict each other.
    init(_ reader: inout PropertyReader) {
        let creates = reader.read(PropertyCatalog.creation)
        let adds = reader.read(PropertyCatalog.addition)
        createsTables = creates ?? false
        addsColumns = adds ?? false
        guard let mode = reader.read(PropertyCatalog.evolution) else { return }
        switch mode {
        case .none: break
        case .validateOnly: requiresTables = true
        case .basic: (createsTables, addsColumns) = (true, true)
        }
        for (property, given) in [
            (PropertyCatalog.creation, creates), (PropertyCatalog.addition, adds),
        ] {
            guard let given, given != (mode == .basic) else { continue }
            reader.add(
                property,
                "\(given)",
                "contradicts schema.evolution = \"\(mode.rawValue)\"; one of the two is enough"
            )
        }
    }
}
