/// One side's table, read in one snapshot: plain data, made by `TableReader`.
struct TableContent: Sendable {
    struct Row: Sendable, Equatable {
        var value: Int64
        /// The columns that both sides have beside key and value, as text; `nil` where there are none.
        var rest: String?

        init(_ value: Int64, rest: String? = nil) {
            self.value = value
            self.rest = rest
        }
    }

    var rows: [Int64: Row]
    /// Columns that only this side has: they are not compared.
    var unmatchedColumns: [String] = []

    init(rows: [Int64: Row] = [:], unmatchedColumns: [String] = []) {
        self.rows = rows
        self.unmatchedColumns = unmatchedColumns
    }
}

/// What the sink says about one partition, from the same snapshot as its rows.
struct SinkProgress: Sendable, Equatable {
    /// The first offset that is not applied yet.
    var nextOffset: Int64
    /// Records applied so far, tombstones included.
    var events: Int64
    /// Kafka's time of the record that was applied last, in milliseconds since 1970; `nil` where none was.
    var lastTimestamp: Int64?
}
