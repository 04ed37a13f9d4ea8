package import Model

/// One side's table, read in one snapshot: plain data, made by `TableReader`.
package struct TableContent: Sendable {
    package struct Row: Sendable, Equatable {
        package var value: Token
        /// The columns that both sides have beside key and value, as text; `nil` where there are none.
        package var rest: String?

        package init(_ value: Token, rest: String? = nil) {
            self.value = value
            self.rest = rest
        }
    }

    package var rows: [RowID: Row]
    /// Columns that only this side has: they are not compared.
    package var unmatchedColumns: [String] = []

    package init(rows: [RowID: Row] = [:], unmatchedColumns: [String] = []) {
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
