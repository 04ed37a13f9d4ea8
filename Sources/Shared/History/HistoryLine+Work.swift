import Model

extension HistoryLine {
    /// The table that every reader of a history knows.
    public static let defaultTable = "debezium_table"

    /// What an attempt does that is more than the update of one row of `debezium_table`.
    public struct Work: Sendable, Equatable {
        public enum Operation: String, Sendable, CaseIterable {
            case update, insert, delete
            /// The row gets another key.
            case move
            /// Two rows in one transaction, an amount from the first to the second.
            case transfer
            /// An update with an event in the outbox in the same transaction.
            case outbox
            /// An update that writes the large value too.
            case wide
        }

        public var table: String
        public var operation: Operation
        /// The row's key after a `move`.
        public var movedTo: Int64?
        /// The second row of a `transfer`.
        public var other: OtherRow?
        /// What a `transfer` moves.
        public var amount: Int64?
        /// Bytes of the large value that `wide` writes.
        public var size: Int64?

        public init(
            table: String,
            operation: Operation,
            movedTo: Int64? = nil,
            other: OtherRow? = nil,
            amount: Int64? = nil,
            size: Int64? = nil
        ) {
            (self.table, self.operation, self.movedTo) = (table, operation, movedTo)
            (self.other, self.amount, self.size) = (other, amount, size)
        }
    }

    /// A second row of one attempt.
    public struct OtherRow: Sendable, Equatable {
        public var id: Int64
        public var previous: Int64

        public init(id: Int64, previous: Int64) {
            (self.id, self.previous) = (id, previous)
        }
    }

    /// What an attempt does to one key: the value before and after, `nil` where there is no row.
    public struct Change: Sendable, Equatable {
        public var id: Int64
        public var before: Int64?
        public var after: Int64?

        public init(id: Int64, before: Int64?, after: Int64?) {
            (self.id, self.before, self.after) = (id, before, after)
        }
    }
}

extension HistoryLine.Attempt {
    /// The table whose rows it changes.
    public var table: String { work?.table ?? HistoryLine.defaultTable }

    /// What it does, key by key; all of it happens or nothing.
    public var changes: [HistoryLine.Change] {
        let token = name.token.rawValue
        let own = HistoryLine.Change(id: name.id, before: previous, after: token)
        switch work?.operation {
        case nil, .update, .outbox, .wide: return [own]
        case .insert: return [.init(id: name.id, before: nil, after: token)]
        case .delete: return [.init(id: name.id, before: previous, after: nil)]
        case .move:
            return [
                .init(id: name.id, before: previous, after: nil),
                .init(id: work?.movedTo ?? name.id, before: nil, after: token),
            ]
        case .transfer:
            return [own]
                + [work?.other].compactMap { $0 }.map { .init(id: $0.id, before: $0.previous, after: token) }
        }
    }
}
