/// What a record's key columns can come from besides its key and value.
struct RecordContext {
    var topic = ""
    var partition: Int32 = 0
    var offset: Int64 = 0
    /// The values of the headers that are key columns, by the column's name.
    var headers: [ExactText: [UInt8]] = [:]
    /// Whether the row is there under another key, which has the large values that the record leaves out.
    var completesKeyChange = false
}
