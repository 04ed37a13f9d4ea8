import ChangeEvents
import Kafka
import Model

@testable import Sink

/// An intake with one topic of two partitions, whose table is told when it is asked for.
struct IntakeFixture {
    var intake: Intake
    var assignment = Assignment()
    /// What was asked for, in order.
    private(set) var needs: [String] = []
    /// What could not be decoded.
    private(set) var refusals: [String] = []

    static let table = TableSchema(
        qualifiedName: "\"t\"",
        columns: [
            Column(name: "id", type: .bigint, isKey: true), Column(name: "v", type: .bigint, isKey: false),
        ],
        keyCount: 1
    )

    init(_ changes: [String: String?] = [:]) throws {
        var properties: [String: String?] = ["delete.enabled": "true"]
        properties.merge(changes) { $1 }
        intake = Intake(try ConfigurationFixture.read(properties))
        assignment.add([TopicPartition(topic: "t", partition: 0): 0])
        assignment.add([TopicPartition(topic: "t", partition: 1): 0])
    }

    /// Offers a record as the lane does, and gets it what it lacks.
    ///
    /// - Parameter key: the row's id, or the whole key.
    mutating func offer(
        _ offset: Int64,
        key: String,
        value: String?,
        in partition: Int32 = 0,
        headers: [RecordHeader] = [],
        description: Result<TableSchema, SinkError> = .success(table)
    ) {
        let message = Message(
            topicIndex: 0,
            partition: partition,
            offset: offset,
            key: Array((key.hasPrefix("{") ? key : #"{"id":\#(key)}"#).utf8),
            value: value.map { Array($0.utf8) },
            headers: headers
        )
        guard let slot = assignment.slot(topicIndex: 0, partition: partition, topic: "t") else { return }
        let fetched = assignment.fetched(slot)
        guard !intake.keepsRecords else {
            let held = HeldMessage(message, slot: slot)
            if intake.admit(held, fetched: fetched, assignment) { take(held, description) }
            return
        }
        if intake.admits(offset, at: slot, fetched: fetched, assignment) {
            take(message, at: slot, description)
        }
    }

    private mutating func take(_ held: HeldMessage, _ description: Result<TableSchema, SinkError>) {
        let count = intake.filling.recordCount
        take(held.message, at: held.slot, description)
        intake.hold(held, after: count)
    }

    private mutating func take(
        _ message: borrowing Message,
        at slot: Int,
        _ description: Result<TableSchema, SinkError>
    ) {
        while intake.barrier == nil {
            switch intake.take(message, at: slot, &assignment) {
            case .taken: return
            case .refused(let error, let stage):
                refusals.append(error.reason)
                return intake.refuse(message, at: slot, error, stage, target: nil, &assignment)
            case .needs(.schema): return
            case .needs(.table(let route)):
                needs.append(route.table)
                let learnt = intake.learn(route, description, for: message, at: slot, assignment)
                guard case .route = learnt else { return }
            }
        }
    }

    /// Makes the next batch of a division, as the lane does.
    mutating func refill() {
        while let record = intake.nextOfDivision(&assignment) {
            if let reason = intake.division.condemnation {
                let cause = DeadLetterHeaders.Cause(stage: .put, reason: reason, component: "", error: "")
                intake.setAside(record.message, at: record.slot, cause, target: nil, &assignment)
            } else {
                take(record, .success(Self.table))
            }
            intake.tookOfDivision()
        }
    }

    /// Takes what came during a division, as the lane does.
    mutating func takeKept() {
        var count = 0
        while count < intake.kept.count, intake.hasRoom {
            take(intake.kept[count], .success(Self.table))
            count += 1
        }
        intake.removeKept(count)
    }

    /// A create of Debezium's.
    static func create(_ id: Int, _ value: Int) -> String {
        #"{"before":null,"after":{"id":\#(id),"v":\#(value)},"op":"c","source":{}}"#
    }

    static func delete(_ id: Int) -> String {
        #"{"before":{"id":\#(id),"v":0},"after":null,"op":"d","source":{}}"#
    }

    /// How far the batch gets with each partition.
    var reached: [Int32: Int64] {
        var reached: [Int32: Int64] = [:]
        for advance in intake.filling.advances { reached[advance.place.partition] = advance.next }
        return reached
    }
}
