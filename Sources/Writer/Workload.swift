import Commands
import History

/// What the writer writes: which table, and which kinds of attempts.
enum Workload: String, CaseIterable, OptionValue {
    /// Updates of `debezium_table`.
    case update
    /// Inserts, updates, deletes and changes of the key.
    case mixed
    /// An amount from one row to another, in one transaction: the total never changes.
    case transfer
    /// Updates of `debezium_table`, each with its event in `outbox` in the same transaction.
    case outbox
    /// Updates of rows with a large value, which every second one writes too.
    case wide

    /// Chooses what to do next.
    ///
    /// - Parameters:
    ///   - place: a row of the worker's that is not in doubt.
    ///   - other: a second one, where the workload needs two.
    ///   - row: what stands at `place`.
    func shape(at place: Int, other: Int?, row: Row, using generator: inout some RandomNumberGenerator)
        -> Shape
    {
        switch self {
        case .update: return Shape(operation: .update, place: place)
        case .outbox: return Shape(operation: .outbox, place: place)
        case .wide:
            let writesBody = Int.random(in: 0..<2, using: &generator) == 0
            return Shape(operation: writesBody ? .wide : .update, place: place)
        case .transfer:
            return Shape(
                operation: .transfer,
                place: place,
                other: other,
                amount: Int64.random(in: 1...100, using: &generator)
            )
        case .mixed:
            // A deleted row's place is where the next insert goes: so the number of rows stays about the same.
            guard row.value != nil else { return Shape(operation: .insert, place: place) }
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<15: return Shape(operation: .delete, place: place)
            case 15..<30: return Shape(operation: .move, place: place)
            default: return Shape(operation: .update, place: place)
            }
        }
    }

    /// Whether a row that is gone is nothing unusual.
    var deletesRows: Bool { self == .mixed }

    /// How many rows of its own a worker must have.
    var minimumRowsPerWorker: Int { self == .transfer ? 2 : 1 }
}

/// What an attempt does, without the token that names it: so it can be made again.
struct Shape: Sendable, Equatable {
    var operation: HistoryLine.Work.Operation
    /// The row's place among the worker's.
    var place: Int
    /// The second row's.
    var other: Int?
    var amount: Int64 = 0

    var places: [Int] { [place] + [other].compactMap { $0 } }
}
