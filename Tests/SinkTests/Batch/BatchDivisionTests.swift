import Model
import Testing

@testable import Sink

private let places = [TopicPartition(topic: "t", partition: 0), TopicPartition(topic: "t", partition: 1)]

/// What a lane does with partitions of `counts` records, some of which the server refuses.
private struct Simulation {
    struct Record: Hashable {
        let slot: Int
        let offset: Int64
    }

    var division = BatchDivision<Record>()
    var applied: [Int64]
    var deadLetters: [Record] = []
    let counts: [Int64]
    let bad: [Set<Int64>]
    /// Whether the lane goes on after a record at fault.
    let toleratesRecords: Bool
    var batches = 0
    /// Records in all batches.
    var sent = 0

    init(counts: [Int64], bad: [Set<Int64>], toleratesRecords: Bool = false) {
        (self.counts, self.bad, self.toleratesRecords) = (counts, bad, toleratesRecords)
        applied = counts.map { _ in 0 }
    }

    /// Runs to the end of the records or to the record that stops the lane.
    mutating func run(batchSize: Int) throws -> Record? {
        var fetched = applied
        while true {
            var batch: [Record] = []
            if division.isIsolating {
                while let record = division.next {
                    batch.append(record)
                    division.took()
                }
                try #require(!batch.isEmpty, "a division that is not over has records")
            } else {
                batch = fetch(&fetched, batchSize)
                if division.isIsolating { continue }
            }
            if batch.isEmpty { return nil }
            batches += 1
            sent += batch.count
            try #require(batches < 100_000, "the division does not end")
            let isCondemned = division.condemnation != nil
            if !isCondemned, batch.contains(where: { bad[$0.slot].contains($0.offset) }) {
                if !division.isActive, toleratesRecords {
                    division.begin(with: batch.map { (place: places[$0.slot], record: $0) })
                } else if !division.isActive {
                    division.begin(advances(batch))
                    fetched = applied
                } else if case .alone(let record) = division.refused() {
                    guard toleratesRecords else { return record }
                    division.condemn(because: "bad")
                }
            } else {
                for record in batch {
                    #expect(applied[record.slot] == record.offset, "nothing is skipped or applied twice")
                    applied[record.slot] = record.offset + 1
                    if isCondemned { deadLetters.append(record) }
                }
                if division.applied() { fetched = applied }
            }
        }
    }

    /// Takes the partitions in turn, as a fetch would; a division gets what it admits.
    private mutating func fetch(_ fetched: inout [Int64], _ batchSize: Int) -> [Record] {
        var batch: [Record] = []
        while true {
            var isAtEnd = true
            for slot in counts.indices where fetched[slot] < counts[slot] {
                if batch.count == batchSize || division.isIsolating { return batch }
                let record = Record(slot: slot, offset: fetched[slot])
                fetched[slot] += 1
                isAtEnd = false
                guard division.isActive else {
                    batch.append(record)
                    continue
                }
                guard division.admits(places[slot], offset: record.offset) else { continue }
                division.hold(record, places[slot], offset: record.offset, byteCount: 1)
            }
            if isAtEnd { return batch }
        }
    }

    private func advances(_ batch: [Record]) -> [Batch.Advance] {
        counts.indices.compactMap { slot in
            let offsets = batch.filter { $0.slot == slot }.map(\.offset)
            guard let first = offsets.first, let last = offsets.last else { return nil }
            return Batch.Advance(place: places[slot], expected: first, next: last + 1, events: 1)
        }
    }
}

struct BatchDivisionTests {
    @Test(arguments: [1, 2, 3, 7, 16, 100], [0, 1, 6, 49, 98, 99] as [Int64])
    func `the record at fault is found, and all in front of it in its partition is applied`(
        batchSize: Int,
        bad: Int64
    ) throws {
        var simulation = Simulation(counts: [100], bad: [[bad]])
        let found = try #require(try simulation.run(batchSize: batchSize))
        #expect(found.slot == 0 && found.offset == bad)
        #expect(simulation.applied == [bad])
    }

    @Test(arguments: [1, 2, 5, 40, 200])
    func `other partitions lose nothing and skip nothing`(batchSize: Int) throws {
        var simulation = Simulation(counts: [50, 80], bad: [[], [33]])
        let found = try #require(try simulation.run(batchSize: batchSize))
        #expect(found.slot == 1 && found.offset == 33)
        #expect(simulation.applied[1] == 33 && simulation.applied[0] <= 50)
    }

    @Test func `a division takes twice the logarithm of the batch, not its length`() throws {
        var simulation = Simulation(counts: [4_096], bad: [[1_234]])
        _ = try simulation.run(batchSize: 4_096)
        #expect(simulation.batches <= 26)
    }

    @Test(arguments: [1, 3, 64, 500])
    func `a lane that tolerates errors goes on after each of them`(batchSize: Int) throws {
        let bad: [Set<Int64>] = [[0, 1, 2, 77, 299], [5, 6, 150]]
        var simulation = Simulation(counts: [300, 200], bad: bad, toleratesRecords: true)
        #expect(try simulation.run(batchSize: batchSize) == nil)
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
        var simulation = Simulation(counts: [4_096], bad: [bad], toleratesRecords: true)
        #expect(try simulation.run(batchSize: 4_096) == nil)
        #expect(simulation.batches <= 16 * (2 * 8 + 3))
        #expect(simulation.sent <= 5 * 4_096)
    }

    @Test func `a run of records at fault costs two transactions each`() throws {
        var simulation = Simulation(counts: [1_000], bad: [Set(0..<1_000)], toleratesRecords: true)
        #expect(try simulation.run(batchSize: 1_000) == nil)
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
