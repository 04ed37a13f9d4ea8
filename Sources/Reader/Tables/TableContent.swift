/// One side's table, read in one snapshot: plain data, made by `TableReader`.
package struct TableContent: Sendable {
    package struct Row: Sendable, Equatable {
        package var value: Int64
        /// The columns that both sides have beside key and value, as text; `nil` where there are none.
        package var rest: String?

        package init(_ value: Int64, rest: String? = nil) {
            self.value = value
            self.rest = rest
        }
    }

    package var rows: [Int64: Row]
    /// Columns that only this side has: they are not compared.
    package var unmatchedColumns: [String] = []

    package init(rows: [Int64: Row] = [:], unmatchedColumns: [String] = []) {
        self.rows = rows
        self.unmatchedColumns = unmatchedColumns
    }
}

/// What the sink says about one partition, from the same snapshot as its rows.
package struct SinkProgress: Sendable, Equatable {
    /// The first offset that is not applied yet.
    package var nextOffset: Int64
    /// Records applied so far, tombstones included.
    package var events: Int64
    /// Kafka's time of the record that was applied last, in milliseconds since 1970; `nil` where none was.
    package var lastTimestamp: Int64?
}
