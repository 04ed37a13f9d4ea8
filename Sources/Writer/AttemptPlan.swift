import History
import Model
import Postgres

/// One attempt to write: what it does to which rows, by which statements, and what they hold afterwards.
struct AttemptPlan: Sendable {
    /// A prepared statement with its parameters; it must touch exactly one row.
    struct Statement: Sendable {
        var name: String
        var parameters: Parameters
    }

    let shape: Shape
    let attempt: HistoryLine.Attempt
    let statements: [Statement]

    /// Plans the attempt that `shape` describes.
    ///
    /// Every statement names the value that it expects: an attempt that is made twice can't apply twice.
    ///
    /// - Parameter bodySize: bytes of a large value.
    init(
        _ shape: Shape,
        of workload: Workload,
        rows: [Row],
        worker: Int,
        token: Token,
        bodySize: Int = 0
    ) {
        let row = rows[shape.place]
        let (value, previous) = (token.rawValue, row.value ?? 0)
        // A new key is the token: a key that was given up never comes back, so a row's story is one line of values.
        let isInsert = shape.operation == .insert
        let name = HistoryLine.AttemptName(worker: worker, id: isInsert ? value : row.id, token: token)
        self.shape = shape
        var work: HistoryLine.Work?
        if workload != .update {
            work = HistoryLine.Work(table: workload.table.name, operation: shape.operation)
        }
        switch shape.operation {
        case .update: statements = [.init("update", value, row.id, previous)]
        case .insert: statements = [.init("insert", value)]
        case .delete: statements = [.init("delete", row.id, previous)]
        case .move:
            work?.movedTo = value
            statements = [.init("move", value, row.id, previous)]
        case .transfer:
            let other = rows[shape.other ?? shape.place]
            work?.other = .init(id: other.id, previous: other.value ?? 0)
            work?.amount = shape.amount
            statements = [
                .init("transfer", value, row.id, previous, -shape.amount),
                .init("transfer", value, other.id, other.value ?? 0, shape.amount),
            ]
        case .outbox:
            statements = [
                .init("update", value, row.id, previous), Self.event(id: row.id, token: value),
            ]
        case .wide:
            // The body is the token's 20 digits, again and again.
            let repeats = max(1, bodySize / 20)
            work?.size = Int64(repeats * 20)
            statements = [.init("wide", value, row.id, previous, Int64(repeats))]
        }
        attempt = HistoryLine.Attempt(name: name, previous: previous, work: work)
    }

    /// The event of an outbox: its key is made of the token, so that it is traced back to one attempt.
    private static func event(id: Int64, token: Int64) -> Statement {
        var parameters = Parameters()
        parameters.append(outboxKey(of: token))
        parameters.append(String(id))
        parameters.append(#"{"id":\#(id),"current_value":\#(token)}"#)
        return Statement(name: "event", parameters: parameters)
    }

    /// A token as the `uuid` of an outbox event.
    static func outboxKey(of token: Int64) -> String {
        let digits = String(token, radix: 16)
        let text = String(repeating: "0", count: 32 - digits.utf8.count) + digits
        var key = ""
        for (index, digit) in text.enumerated() {
            if [8, 12, 16, 20].contains(index) { key.append("-") }
            key.append(digit)
        }
        return key
    }

    /// What the worker knows about its rows once an attempt of that shape has happened.
    static func apply(_ shape: Shape, token: Token, to rows: inout [Row]) {
        switch shape.operation {
        case .delete: rows[shape.place].value = nil
        case .insert, .move:
            rows[shape.place].id = token.rawValue
            rows[shape.place].value = token.rawValue
        default:
            for place in shape.places { rows[place].value = token.rawValue }
        }
    }
}

extension AttemptPlan.Statement {
    fileprivate init(_ name: String, _ values: Int64...) {
        self.name = name
        parameters = Parameters()
        for value in values { parameters.append(value) }
    }
}
