import Kafka
import Model
import Testing

@testable import Sink

private let places = [TopicPartition(topic: "t", partition: 0), TopicPartition(topic: "t", partition: 1)]

/// Partitions of `counts` records, some of which the server refuses, through the intake of a lane.
private struct Simulation {
    struct Record: Hashable {
        let slot: Int
        let offset: Int64
    }

    var fixture: IntakeFixture
    var deadLetters: [Record] = []
    let counts: [Int64]
    let bad: [Set<Int64>]
    /// Whether the lane goes on after a record at fault.
    let toleratesRecords: Bool
    var batches = 0
    /// Records in all batches.
    var sent = 0

    init(counts: [Int64], bad: [Set<Int64>], toleratesRecords: Bool = false, batchSize: Int) throws {
        (self.counts, self.bad, self.toleratesRecords) = (counts, bad, toleratesRecords)
        fixture = try IntakeFixture([
            "errors.tolerance": toleratesRecords ? "all" : "none", "batch.size": "\(batchSize)",
        ])
    }

    /// How far each partition is applied.
    var applied: [Int64] { counts.indices.map { fixture.assignment.partitions[$0].applied } }

    /// Runs to the end of the records or to the record that stops the lane.
    mutating func run() throws -> Record? {
        var next = counts.map { _ in Int64(0) }
        while true {
            let isIsolating = fixture.intake.division.isIsolating
            if isIsolating { fixture.refill() } else { fetch(&next) }
            let batch = fixture.intake.filling
            if batch.isEmpty {
                try #require(!isIsolating, "a division that is not over has records")
                if fixture.intake.division.isIsolating { continue }
                return nil
            }
            fixture.intake.filling.removeAll()
            batches += 1
            sent += batch.recordCount
            try #require(batches < 100_000, "the division does not end")
            if let record = try end(of: batch, &next) { return record }
        }
    }

    /// What the server says to a batch, and what the lane does then.
    private mutating func end(of batch: Batch, _ next: inout [Int64]) throws -> Record? {
        let isCondemned = fixture.intake.division.condemnation != nil
        if isCondemned || !isBad(batch) {
            for advance in batch.advances {
                let slot = Int(advance.place.partition)
                #expect(applied[slot] == advance.expected, "nothing is skipped or applied twice")
                fixture.assignment.partitions[slot].applied = advance.next
            }
            deadLetters += batch.deadLetters.map { Record(slot: Int($0.place.partition), offset: $0.offset) }
            if fixture.intake.division.applied() { rewind(&next) }
            return nil
        }
        guard fixture.intake.division.isActive else {
            guard fixture.intake.beginDivision(of: batch, &fixture.assignment) else { return nil }
            rewind(&next)
            fixture.intake.division.begin(batch.advances)
            return nil
        }
        fixture.assignment.rewind()
        guard case .alone(let held) = fixture.intake.division.refused() else { return nil }
        guard toleratesRecords else { return Record(slot: held.slot, offset: held.message.offset) }
        fixture.intake.division.condemn(because: "bad")
        return nil
    }

    private func isBad(_ batch: Batch) -> Bool {
        batch.advances.contains { advance in
            bad[Int(advance.place.partition)].contains { (advance.expected..<advance.next).contains($0) }
        }
    }

    private mutating func rewind(_ next: inout [Int64]) {
        fixture.intake.forget()
        fixture.assignment.rewind()
        next = applied
    }

    /// Takes the partitions in turn, as a fetch would.
    private mutating func fetch(_ next: inout [Int64]) {
        fixture.takeKept()
        while true {
            var isAtEnd = true
            for slot in counts.indices where next[slot] < counts[slot] {
                guard fixture.intake.hasRoom, !fixture.intake.division.isIsolating else { return }
                let (id, offset) = (Int(next[slot]), next[slot])
                next[slot] += 1
                isAtEnd = false
                fixture.offer(
                    offset,
                    key: "\(id)",
                    value: IntakeFixture.create(id, slot),
                    in: Int32(slot)
                )
            }
            if isAtEnd { return }
        }
    }
}

struct BatchDivisionTests {
    @Test(arguments: [1, 2, 3, 7, 16, 100], [0, 1, 6, 49, 98, 99] as [Int64])
    func `the record at fault is found, and all in front of it in its partition is applied`(
        batchSize: Int,
        bad: Int64
    ) throws {
        var simulation = try Simulation(counts: [100], bad: [[bad]], batchSize: batchSize)
        let found = try #require(try simulation.run())
        #expect(found.slot == 0 && found.offset == bad)
        #expect(simulation.applied == [bad])
    }

    @Test(arguments: [1, 2, 5, 40, 200])
    func `other partitions lose nothing and skip nothing`(batchSize: Int) throws {
        var simulation = try Simulation(counts: [50, 80], bad: [[], [33]], batchSize: batchSize)
        let found = try #require(try simulation.run())
        #expect(found.slot == 1 && found.offset == 33)
        #expect(simulation.applied[1] == 33 && simulation.applied[0] <= 50)
    }

    @Test func `a division takes twice the logarithm of the batch, not its length`() throws {
        var simulation = try Simulation(counts: [4_096], bad: [[1_234]], batchSize: 4_096)
        _ = try simulation.run()
        #expect(simulation.batches <= 26)
    }

    @Test(arguments: [1, 3, 64, 500])
    func `a lane that tolerates errors goes on after each of them`(batchSize: Int) throws {
        let bad: [Set<Int64>] = [[0, 1, 2, 77, 299], [5, 6, 150]]
        var simulation = try Simulation(
            counts: [300, 200],
            bad: bad,
            toleratesRecords: true,
            batchSize: batchSize
        )
        #expect(try simulation.run() == nil)
        #expect(simulation.applied == [300, 200])
        #expect(simulation.deadLetters.count == 8)
        for (slot, offsets) in bad.enumerated() {
            #expect(Set(simulation.deadLetters.filter { $0.slot == slot }.map(\.offset)) == offsets)
        }
    }

    @Test func `scattered records at fault cost the logarithm of their distance each, and few records`()
        throws
    {
        let bad = Set((0..<16).map { Int64($0) * 256 + 100 })
        var simulation = try Simulation(counts: [4_096], bad: [bad], toleratesRecords: true, batchSize: 4_096)
        #expect(try simulation.run() == nil)
        #expect(simulation.batches <= 16 * (2 * 8 + 3))
        #expect(simulation.sent <= 5 * 4_096)
    }

    @Test func `a run of records at fault costs two transactions each`() throws {
        var simulation = try Simulation(
            counts: [1_000],
            bad: [Set(0..<1_000)],
            toleratesRecords: true,
            batchSize: 1_000
        )
        #expect(try simulation.run() == nil)
        #expect(simulation.deadLetters.count == 1_000)
        #expect(simulation.batches <= 2 * 1_000 + 12)
    }

    @Test func `what came during a division and was let go is fetched again after it`() {
        for letsGo in [false, true] {
            var division = BatchDivision<Int>()
            division.begin(with: [(place: places[0], record: 7)])
            if letsGo { division.letGoOfTheRest() }
            #expect(division.next == 7)
            division.took()
            #expect(division.applied() == letsGo)
            #expect(!division.isActive)
        }
    }

    @Test func `a division holds a bounded number of bytes and takes the rest part by part`() {
        var division = BatchDivision<Int>()
        division.begin([Batch.Advance(place: places[0], expected: 10, next: 20, events: 10)])
        for offset in 10..<14 {
            #expect(division.admits(places[0], offset: Int64(offset)))
            division.hold(
                offset,
                places[0],
                offset: Int64(offset),
                byteCount: BatchDivision<Int>.heldByteLimit / 4
            )
        }
        #expect(division.isIsolating && !division.admits(places[0], offset: 14))
        #expect(division.next == 10)
    }

    @Test func `a record that was put off is tried by itself`() {
        var division = BatchDivision<Int64>()
        division.retry(places[0], 5..<7)
        #expect(division.isActive && !division.isIsolating)
        #expect(!division.admits(places[0], offset: 4) && division.admits(places[0], offset: 6))
        #expect(!division.admits(places[0], offset: 7) && !division.admits(places[1], offset: 5))
        for offset in Int64(5)..<7 { division.hold(offset, places[0], offset: offset, byteCount: 1) }
        #expect(division.next == 5)
        division.took()
        #expect(division.next == nil, "one record at a time")
        #expect(!division.applied() && division.next == 6)
        division.took()
        let mustFetch = division.applied()
        #expect(mustFetch && !division.isActive, "the others were passed over meanwhile")
    }

    @Test func `the records of a partition come together, so that a key change is one batch`() {
        var division = BatchDivision<Int>()
        division.begin(with: [(places[1], 10), (places[0], 1), (places[1], 11), (places[0], 2)])
        var order: [Int] = []
        while let next = division.following {
            order.append(next.record)
            division.took()
        }
        #expect(order == [1, 2, 10, 11])
    }

    @Test func `a key change that is refused is taken apart`() {
        var division = BatchDivision<Int>()
        division.begin(with: [(places[0], 1), (places[0], 2), (places[0], 3)])
        for _ in 0..<3 { division.took() }
        guard case .divide = division.refused(isKeyChange: true) else {
            Issue.record("no single record is at fault yet")
            return
        }
        #expect(division.separatesKeyChanges && division.next == 1)
        division.took()
        #expect(division.next == nil)
    }
}
