import Logs
import Model
import Postgres
import Threading

/// The way of batches into the destination: its connection, the batch under way, what it is sent as, and what is known of
/// its transaction (`DeliveryCourse`).
///
/// The lane fills the next batch meanwhile, and `prepare` encodes it while the server works.
struct Delivery: ~Copyable {
    let progress: ProgressTable
    let deadLetterTable: DeadLetterTable?
    private var destination: Destination
    /// The batch that is sent: it stays until it is known to be applied or known to belong to somebody else.
    private(set) var batch = Batch()
    private var transaction: BatchTransaction
    /// What is encoded of the batch that is being filled.
    private var nextTransaction: BatchTransaction
    /// How many records that is.
    private var encodedCount = 0
    var course = DeliveryCourse()
    /// When the batch was sent, in monotonic nanoseconds.
    private var launchTime: UInt64 = 0
    /// `nil` when there is no dead-letter topic.
    var deadLetters: DeadLetterQueue?

    /// Memory that a batch may take and still be encoded while the one before is under way.
    private static let largeByteCount = 8 << 20

    init(_ configuration: SinkConfiguration, logger: Logger) {
        progress = configuration.progressTable
        deadLetterTable = configuration.deadLetterTable
        destination = Destination(
            options: configuration.destination,
            progress: progress,
            deadLetters: deadLetterTable,
            logger: logger
        )
        transaction = BatchTransaction(progress: progress, deadLetters: deadLetterTable)
        nextTransaction = BatchTransaction(progress: progress, deadLetters: deadLetterTable)
        deadLetters = DeadLetterQueue(configuration)
    }

    /// Whether a batch is sent and its answer is not read yet: the connection can do nothing else meanwhile.
    var isInFlight: Bool { course.isInFlight }

    /// Whether a batch is under way, or known to be refused and not yet let go.
    var hasBatch: Bool { !batch.isEmpty }

    /// The partitions of the batch under way.
    var places: [TopicPartition] { batch.advances.map(\.place) }

    /// Encodes a batch while the one before is under way; a large one waits, so that memory has each of them once.
    mutating func prepare(_ next: Batch) {
        encodedCount = Self.isLarge(next) ? 0 : next.recordCount
        if encodedCount > 0 { nextTransaction.encode(next) }
    }

    private static func isLarge(_ batch: Batch) -> Bool { batch.byteCount > largeByteCount }

    /// Takes a batch over; the caller has the empty one afterwards.
    mutating func take(_ next: inout Batch) {
        let isLarge = Self.isLarge(next)
        // While the destination was away more may have come.
        if isLarge || next.recordCount != encodedCount { nextTransaction.encode(next) }
        swap(&next, &batch)
        swap(&nextTransaction, &transaction)
        encodedCount = 0
        if isLarge { batch.forgetRows() }
    }

    /// Sends the batch that was taken over, and leaves the server to it.
    mutating func launch() throws(PostgresError) {
        course.launched()
        launchTime = Moment.monotonicNow()
        let transaction = transaction
        // What the server would not read is not sent: its answer is the refusal.
        guard transaction.refusal(of: destination.server) == nil else { return }
        try destination.withConnection { connection, _ throws(PostgresError) in
            try transaction.send(on: connection)
        }
    }

    /// Hands the socket more of what was sent, as far as it takes it; a failure shows when the answer is read.
    func pushOut() { destination.pushOut() }

    /// Reads the answer to the batch.
    ///
    /// - Parameters:
    ///   - sends: whether it is sent (again) before.
    ///   - statistics: gets how long the transaction took, whatever becomes of it.
    mutating func answer(
        sending sends: Bool,
        _ statistics: LaneStatistics
    ) throws(PostgresError) -> BatchTransaction.Result {
        let transaction = transaction
        if let refusal = transaction.refusal(of: destination.server) { return .refused(refusal) }
        if sends { launchTime = Moment.monotonicNow() }
        let launchTime = launchTime
        defer { statistics.sent(nanoseconds: Moment.monotonicNow() - launchTime) }
        return try destination.withConnection { connection, deadline throws(PostgresError) in
            if sends { try transaction.send(on: connection) }
            return try transaction.finish(on: connection, deadline: deadline)
        }
    }

    /// Runs `body` on the destination.
    mutating func withConnection<R>(
        _ body: (borrowing Connection, Deadline) throws(PostgresError) -> R
    ) throws(PostgresError) -> R {
        precondition(!isInFlight, "the connection waits for the answer to a batch")
        return try destination.withConnection(body)
    }

    /// How long to wait before the next try, growing with each failure in a row.
    mutating func nextPause() -> Duration { destination.nextPause() }

    /// Forgets the batch that was sent, with what was sent.
    mutating func forgetBatch() {
        batch.removeAll()
        transaction.removeAll()
    }

    // MARK: Tables

    /// Follows the batch that is being filled, whose tables this one must have in the same places.
    mutating func addTable(_ schema: TableSchema, mode: InsertMode, capacity: Int) {
        _ = batch.addTable(schema, mode: mode, capacity: capacity)
    }

    mutating func replaceTable(_ index: Int, with schema: TableSchema, capacity: Int) {
        batch.replaceTable(index, with: schema, capacity: capacity)
    }

    mutating func order(_ order: TableOrder) { batch.order = order }
}
