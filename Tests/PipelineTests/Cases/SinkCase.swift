import Testing

/// Records in a topic of their own, and what the destination must hold after them.
struct SinkCase: CustomTestStringConvertible, Sendable {
    /// What the case shows, as a sentence.
    let name: String
    /// Its numbers in docs/differences.md.
    let ids: [String]
    /// The statements that make the table, whose name is `TABLE` there; without them the sink creates it.
    let table: String?
    /// The schema of the record's key.
    let keySchema: String
    let fields: CaseFields
    var forms: [CaseForm]
    let events: [CaseEvent]
    /// Queries with their answers, unaligned; `TABLE` stands for the table's name.
    let expected: [(query: String, answer: String)]

    var testDescription: String { name }

    init(
        _ name: String,
        _ ids: String...,
        table: String? = nil,
        key: CaseFields = "id:int64",
        keySchema: String? = nil,
        fields: CaseFields = "id:int64 name:string? nick_name$:string?",
        forms: [CaseForm]? = nil,
        events: [CaseEvent],
        expected: KeyValuePairs<String, String>
    ) {
        (self.name, self.ids, self.table, self.fields, self.events) = (name, ids, table, fields, events)
        self.keySchema = keySchema ?? #"{"type":"struct","fields":[\#(key.json)],"optional":false}"#
        // Without a schema no table can be created.
        self.forms = forms ?? CaseForm.allCases.filter { table != nil || $0 != .envelopeWithoutSchema }
        self.expected = expected.map { (query: $0.key, answer: $0.value) }
    }
}

/// A configuration of the sink with the cases that it applies to.
struct SinkProfile: Sendable {
    let name: String
    /// Changes to the lab's configuration; nil takes a property out.
    let properties: [String: String?]
    /// Sizes of a batch: every case is run with each of them, into tables of their own.
    var batchSizes = [5000, 1]
    /// Whether the records are applied a second time from the first on, to the same result.
    var isRepeatable = false
    let cases: [SinkCase]

    static let all: [SinkProfile] = [
        modes, updates, deletes, tables, batches, special, [columns],
    ].flatMap { $0 }
    static let allCases: [SinkCase] = all.flatMap { $0.cases }
}

/// A record that the sink must stop at.
struct SinkRefusal: CustomTestStringConvertible, Sendable {
    let properties: [String: String?]
    let one: SinkCase
    /// What the sink says as it stops.
    let reason: String
    /// What it must not say, in the log neither.
    var silentAbout: String?

    var testDescription: String { one.name }
}

/// What is the same in many cases.
enum CaseRows {
    static func key(_ id: Int) -> String { #"{"id":\#(id)}"# }

    static func row(_ id: Int, _ name: String = "John Doe") -> String {
        #"{"id":\#(id),"name":"\#(name)","nick_name$":"\#(name)$"}"#
    }

    /// Columns, whether they are needed, and the primary key.
    static let shape = "select cases.shape('TABLE')"
    static let ids = "select count(*), string_agg(id::text, ' ' order by id) from TABLE"
    static let names = "select string_agg(id || ' ' || name, ', ' order by id, name) from TABLE"
    static let all = "select * from TABLE order by 1"
    /// What the sink makes of the base record.
    static let created = #"id bigint not null, name text, "nick_name$" text"#
    static let keyed = "\(created), primary key (id)"
}
