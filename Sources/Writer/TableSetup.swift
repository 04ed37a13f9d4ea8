import Logging
import Shared

/// Makes the table and its rows; running it again changes nothing.
struct TableSetup: Sendable {
    let source: Source
    let rowCount: Int

    /// Makes what is missing and says what it did.
    func perform(_ report: (String) -> Void) throws(WriterError) {
        let logger = Logger(label: "writer")
        var (isNew, inserted) = (false, 0)
        let defect = try source.whenReachable(
            within: RunService.patience,
            stop: StopSignal(),
            report: { logger.warning("\($0)") }
        ) { connection throws(PostgresError) -> String? in
            let minute = Duration.seconds(60)
            if try SourceTable.read(from: connection, deadline: .after(minute)).columns.isEmpty {
                try SourceTable.create(on: connection, deadline: .after(minute))
                isNew = true
            }
            if let defect = try SourceTable.read(from: connection, deadline: .after(minute)).defect {
                return defect
            }
            // In parts, each a transaction: a lost connection costs one part.
            for start in stride(from: 0, to: rowCount, by: 10_000) {
                let part = start..<min(start + 10_000, rowCount)
                inserted += try SourceTable.fill(part, on: connection, deadline: .after(minute))
            }
            return nil
        }
        if case let defect?? = defect { throw WriterError(.stopped, defect) }
        report("\(SourceTable.name): \(isNew ? "made" : "was there")")
        report("rows 0..<\(rowCount): \(inserted) inserted with value 0, \(rowCount - inserted) were there")
    }
}
