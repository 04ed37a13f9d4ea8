import Shared
import Testing

@testable import Sink

private let places = [TopicPartition(topic: "t", partition: 0), TopicPartition(topic: "t", partition: 1)]

/// What a lane does with partitions of `counts` records, some of which the server refuses.
private struct Simulation {
    var division = BatchDivision()
    var applied: [Int64]
    let counts: [Int64]
    let bad: [Set<Int64>]
    var batches = 0

    init(counts: [Int64], bad: [Set<Int64>]) {
        (self.counts, self.bad) = (counts, bad)
        applied = counts.map { _ in 0 }
    }

    /// Runs to the end of the records or to the record that stops the lane.
    mutating func run(batchSize: Int) throws -> (TopicPartition, Int64)? {
        var fetched = applied
        while true {
            batches += 1
            try #require(batches < 1_000, "the division does not end")
            var batch = Batch()
            var hasBad = false
            // Takes the partitions in turn, as a fetch would.
            fill: while true {
                var isAtEnd = true
                for slot in counts.indices where fetched[slot] < counts[slot] {
                    guard batch.recordCount < division.limit ?? batchSize else { break fill }
                    let offset = fetched[slot]
                    fetched[slot] += 1
                    isAtEnd = false
                    guard division.admits(places[slot], offset: offset) else { continue }
                    batch.advance(slot, places[slot], past: offset, from: offset)
                    hasBad = hasBad || bad[slot].contains(offset)
                }
                if isAtEnd { break }
            }
            if batch.isEmpty { return nil }
            if hasBad {
                switch division.refused(batch.advances, recordCount: batch.recordCount) {
                case .alone(let place, let offset): return (place, offset)
                case .divide: fetched = applied
                }
            } else {
                for (slot, place) in places.enumerated() {
                    for advance in batch.advances where advance.place == place {
                        applied[slot] = advance.next
                    }
                }
                if division.applied(batch.advances) { fetched = applied }
            }
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
        #expect(found == (places[0], bad))
        #expect(simulation.applied == [bad])
    }

    @Test(arguments: [1, 2, 5, 40, 200])
    func `other partitions lose nothing and skip nothing`(batchSize: Int) throws {
        var simulation = Simulation(counts: [50, 80], bad: [[], [33]])
        let found = try #require(try simulation.run(batchSize: batchSize))
        #expect(found == (places[1], 33))
        #expect(simulation.applied[1] == 33 && simulation.applied[0] <= 50)
    }

    @Test func `a division takes twice the logarithm of the batch, not its length`() throws {
        var simulation = Simulation(counts: [4_096], bad: [[1_234]])
        _ = try simulation.run(batchSize: 4_096)
        #expect(simulation.batches <= 26)
    }

    @Test func `a batch whose halves are applied is over, and the full size is back`() {
        var division = BatchDivision()
        func advance(_ range: Range<Int64>) -> [Batch.Advance] {
            [Batch.Advance(place: places[0], expected: range.lowerBound, next: range.upperBound, events: 1)]
        }
        let decision = division.refused(advance(10..<20), recordCount: 10)
        #expect(decision == .divide)
        #expect(division.limit == 5)
        #expect(division.admits(places[0], offset: 10) && !division.admits(places[0], offset: 20))
        #expect(!division.admits(places[1], offset: 10))
        let isOverAtHalf = division.applied(advance(10..<15))
        #expect(!isOverAtHalf)
        #expect(!division.admits(places[0], offset: 14))
        let isOver = division.applied(advance(15..<20))
        #expect(isOver && !division.isActive && division.admits(places[1], offset: 10))
    }

    @Test func `only what the record holds divides a batch`() {
        func refusal(_ state: SQLState, needsRows: Bool = false) -> Refusal {
            let error = PostgresError(code: .server, sqlState: state, message: "no", server: "s")
            return Refusal(error: error, statement: "upsert rows", needsRows: needsRows)
        }
        for state in ["23505", "23503", "22001", "22P02", "22021", "P0001", "54000"] as [SQLState] {
            #expect(refusal(state).isDataError)
        }
        for state in ["42P01", "42501", "40001", "40P01", "55P03", "57P01", "25006", "53100"] as [SQLState] {
            #expect(!refusal(state).isDataError)
        }
        #expect(refusal(.divisionByZero, needsRows: true).reason.contains("large value"))
        #expect(!refusal(.divisionByZero).reason.contains("large value"))
    }

    @Test func `a record that was put off is tried by itself`() {
        let place = TopicPartition(topic: "t", partition: 0)
        let other = TopicPartition(topic: "t", partition: 1)
        var division = BatchDivision()
        division.retry(place, 5..<8)
        #expect(division.isActive && division.limit == 1)
        #expect(!division.admits(place, offset: 4) && division.admits(place, offset: 7))
        #expect(!division.admits(place, offset: 8) && !division.admits(other, offset: 5))
        let isOver = division.applied([Batch.Advance(place: place, expected: 5, next: 8, events: 3)])
        #expect(isOver && !division.isActive)
    }
}
