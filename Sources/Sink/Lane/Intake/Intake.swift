import ChangeEvents
import Formats
import Kafka
import Model

/// The way of a record into the batch that is being filled.
///
/// It asks nobody anything: what a record lacks is an answer to the lane, which gets it and offers the record again.
///
/// | event | then |
/// |---|---|
/// | a record comes | `admits`: not of a partition that was given up, moved back or waits, not before a barrier |
/// | …and a division is under way | `admit` holds or keeps it, and nothing is decoded |
/// | …and its schema is not there | `needs(schema)` |
/// | …and its topic has no table yet | `needs(table)`: the lane reads the catalog, `learn` takes the answer |
/// | …and it is the first half of a key change | held until the second comes |
/// | …and it cannot be decoded | `refused`: `setAside`, or a barrier |
/// | …and it lacks a column or table that may be made | a barrier: the change |
/// | …otherwise | folded into the batch, and the partition advances |
/// | a barrier is up | nothing is taken; what came before is applied first, then the lane does what the barrier says |
/// | the batch is refused | `divide` |
/// | the stored offsets are gone back to | `forget` |
///
/// The way of a record that needs nothing is this file from top to bottom.
struct Intake {
    let configuration: SinkConfiguration
    var router: RecordRouter
    /// `nil` where records are applied as they come.
    var transforms: TransformStage?
    var filling = Batch()
    var division = BatchDivision<HeldMessage>()
    /// When a division is looked after.
    var divisionTimes = DivisionTimes()
    /// What was fetched during a division whose records were kept.
    private(set) var kept: [HeldMessage] = []
    /// Deletes that wait for the other half of a key change, by the partition's slot.
    var heldDeletes: [Int: HeldDelete] = [:]
    /// Why no further record may be taken.
    private(set) var barrier: Barrier?
    /// Records that wait for rows of other partitions, by the partition's slot.
    var waitingRecords: [Int: WaitingRecord] = [:]
    /// Whether something is got for a record: what comes meanwhile must not overtake it.
    var hasRecordInHand = false
    /// The schema without which nothing goes on.
    var awaitedSchema: AwaitedSchema?

    init(_ configuration: SinkConfiguration) {
        self.configuration = configuration
        let texts = RecordTexts(configuration.converters, scope: configuration.eventScope)
        router = RecordRouter(
            sourceFields: configuration.tableNameFormat.sourceFields,
            takesEnvelopes: configuration.modes.recordForm != .row,
            texts: texts
        )
        transforms = configuration.transforms.map { TransformStage($0, texts: texts) }
    }

    /// What came of a record that was offered.
    enum Taking {
        /// It is dealt with, or a barrier is up.
        case taken
        /// It must be offered again when this is there.
        case needs(Need)
        /// It cannot be decoded.
        case refused(DecodeError, DeadLetterHeaders.Stage?)
    }

    /// What a record lacks before it can be taken.
    enum Need {
        case schema(RegistryText, SchemaID)
        case table(NewRoute)
    }

    /// Whether the batch that is being filled takes another record.
    var hasRoom: Bool { barrier == nil && configuration.limits.haveRoom(in: filling) }

    /// Whether records are kept as they came: for a division, or because the lane may go on without one of them.
    var keepsRecords: Bool { division.isActive || configuration.errors.toleratesRecords }

    /// Whether a record is this lane's, and the next of its partition.
    ///
    /// A record that was under way when its partition was given up belongs to the next owner, and one that was under
    /// way when its partition was moved back comes again.
    ///
    /// - Parameter fetched: where the partition stood when the record came.
    func admits(_ offset: Int64, at slot: Int, fetched: Int64, _ assignment: borrowing Assignment) -> Bool {
        let isKept = division.isActive && !division.isRefetched
        return assignment.admits(slot) && barrier == nil
            && (isKept || assignment.fetched(slot) == fetched) && offset >= assignment.fetched(slot)
            && (waitingRecords.isEmpty || division.isActive || waitingRecords[slot] == nil)
    }

    /// Takes a record into the batch that is being filled.
    ///
    /// - Parameter hasTable: false where the catalog was asked, and no table is there that the record changes.
    mutating func take(
        _ message: borrowing Message,
        at slot: Int,
        hasTable: Bool = true,
        _ assignment: inout Assignment
    ) -> Taking {
        if !router.texts.needNothing, let missing = router.texts.missing(message) {
            return .needs(.schema(missing.text, missing.id))
        }
        guard transforms == nil else {
            return takeTransformed(message, at: slot, hasTable: hasTable, &assignment)
        }
        return route(message, at: slot, hasTable: hasTable, &assignment)
    }

    /// Takes a record where it goes.
    ///
    /// - Parameter record: the message itself, or what the transforms made of it.
    mutating func route(
        _ record: borrowing some RecordView & ~Copyable,
        at slot: Int,
        hasTable: Bool,
        _ assignment: inout Assignment
    ) -> Taking {
        var route: Int?
        do throws(DecodeError) {
            switch try router.target(record.topicIndex, record) {
            case .route(let id): route = id
            case .nowhere: break
            case .new(let id, let source):
                let new = try newRoute(id, source, record.topicIndex, at: slot, assignment)
                if hasTable { return .needs(.table(new)) }
            }
            if !heldDeletes.isEmpty {
                guard try !meet(record, route, at: slot, &assignment) else { return .taken }
            }
            if let route {
                guard try fold(record, route, at: slot) else { return .taken }
            }
        } catch {
            if askForColumns(route, record) { return .taken }
            return .refused(error, nil)
        }
        advance(slot, past: record.offset, at: record.timestamp, &assignment)
        return .taken
    }

    /// Folds a record into the batch that is being filled.
    ///
    /// - Returns: false when the record is held for now.
    private mutating func fold(
        _ message: borrowing some RecordView & ~Copyable,
        _ route: Int,
        at slot: Int
    ) throws(DecodeError) -> Bool {
        let table = router.table(ofRoute: route)
        let columnCount = filling.tables[table].schema.columns.count
        guard try router.decode(route, message, columnCount: columnCount) else { return true }
        if router.row.change == .delete, movesKeys(of: table), beginsKeyChange(message) {
            let offset = message.offset
            heldDeletes[slot] = HeldDelete(
                route: route,
                row: router.row.compact,
                offset: offset,
                next: offset + 1,
                timestamp: message.timestamp
            )
            return false
        }
        try filling.fold(router.row, intoTable: table)
        return true
    }

    /// Counts a record that is in the batch.
    ///
    /// - Parameter timestamp: when it was produced, in milliseconds since 1970.
    mutating func advance(
        _ slot: Int,
        past offset: Int64,
        at timestamp: Int64?,
        _ assignment: inout Assignment
    ) {
        if !filling.advance(slot, past: offset, at: timestamp) {
            filling.advance(
                slot,
                assignment.partitions[slot].place,
                past: offset,
                from: assignment.partitions[slot].fetched,
                at: timestamp
            )
        }
        assignment.partitions[slot].fetched = offset + 1
    }

    // MARK: What is in hand

    mutating func raise(_ barrier: Barrier) { self.barrier = .stronger(self.barrier, barrier) }

    /// Whether what is in hand is only to be applied, and what comes then fetched anew.
    var isCut: Bool { if case .cut? = barrier { true } else { false } }

    /// Whether anything is in hand that a partition that changes hands may be part of.
    var isEmpty: Bool {
        !division.isActive && barrier == nil && filling.isEmpty && heldDeletes.isEmpty && kept.isEmpty
    }

    /// Whether every record that was taken is applied, and none waits.
    var isAtRest: Bool { isEmpty && waitingRecords.isEmpty }

    /// Whether a division has waited long enough for its records.
    var givesUpDivision: Bool {
        division.isActive && !division.isIsolating && divisionTimes.end.hasPassed
    }

    /// Whether the next batch depends on what becomes of the one that is about to be sent.
    var mustSettle: Bool { division.isActive || barrier != nil || !waitingRecords.isEmpty }

    /// Forgets what was taken and not applied: it is fetched again from the stored offsets.
    mutating func forget() {
        filling.removeAll()
        kept.removeAll()
        division.cancel()
        barrier = nil
        heldDeletes = [:]
    }

    // MARK: Records that are kept

    /// Keeps a record that came during a division; those that are too many are let go, and fetched again.
    mutating func keep(_ record: HeldMessage) {
        kept.append(record)
        let byteCount = kept.reduce(0) { $0 + $1.message.byteCount }
        guard division.isActive, byteCount > BatchDivision<HeldMessage>.heldByteLimit else { return }
        kept.removeAll()
        division.letGoOfTheRest()
    }

    /// Forgets the first records that were kept: they are in the batch.
    mutating func removeKept(_ count: Int) { kept.removeFirst(count) }

    /// Keeps what was taken after a batch that is divided, in front of what is kept already.
    mutating func keepFilling() {
        kept.insert(contentsOf: filling.held, at: 0)
        filling.removeAll()
    }
}

/// When a division is looked after.
struct DivisionTimes {
    /// When the consumer is polled again.
    var nextPoll = Deadline.after(.zero)
    /// When a division gives up waiting for its records, which retention may have taken meanwhile.
    var end = Deadline.after(.zero)
}
