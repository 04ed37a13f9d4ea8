import Evidence
import History
import Model
import Tables
import Testing

@testable import Verify

/// Something that may go wrong, in the history, the topic or a table, and the check that must name it.
enum Corruption: CaseIterable {
    case missingRow, extraRow, differentRow, lostAtSource, hiddenLoss, foreignEvent, disorder, notApplied
    case unexplainedPhantom

    var check: String {
        switch self {
        case .missingRow, .extraRow, .differentRow: "source equals destination"
        case .lostAtSource, .hiddenLoss: "acknowledged at source"
        case .foreignEvent: "foreign tokens"
        case .disorder: "regressions"
        case .notApplied: "applied equals topic"
        case .unexplainedPhantom: "fork arithmetic"
        }
    }

    func apply(to made: inout GeneratedRun) throws {
        let id = try #require(made.surviving.keys.sorted().randomElement(using: &made.generator))
        let tokens = Array(try #require(made.surviving[id]).suffix(2))
        switch self {
        case .missingRow: made.run.destination.rows[id] = nil
        case .extraRow: made.run.destination.rows[RowID(id.rawValue + 1_000)] = .init(0)
        case .differentRow: made.run.destination.rows[id]?.rest = "(y)"
        case .lostAtSource:
            made.run.source.rows[id]?.value = tokens[0]
            made.run.destination.rows[id]?.value = tokens[0]
        case .hiddenLoss:
            made.surviving[id]?.removeLast()
            made.write(id, timeline: 2)
            made.run.source.rows[id]?.value = try #require(made.surviving[id]?.last)
            made.run.destination.rows[id] = made.run.source.rows[id]
            made.run.countProgress()
        case .foreignEvent:
            made.run.record(id, value: 999_999)
            made.run.record(id, value: tokens[1])
            made.run.countProgress()
        case .disorder:
            let number = made.run.partition(of: id)
            let events = try #require(made.run.topic.partitions[number]?.events)
            let places = try tokens.map { token in
                try #require(events.firstIndex { $0.row == id && $0.value == token })
            }
            made.run.topic.partitions[number]?.events[places[0]].value = tokens[1]
            made.run.topic.partitions[number]?.events[places[1]].value = tokens[0]
        case .notApplied: made.run.progress[made.run.partition(of: id)]?.events -= 1
        case .unexplainedPhantom:
            made.run.attempt(id, 900_000, previous: tokens[1], at: 9_000) {
                .fail($0, .init(sqlState: "40001", phase: .statement, reason: "conflict"))
            }
            made.run.record(id, value: 900_000, lsn: 1_000_000)
            made.run.countProgress()
        }
    }
}

@Suite("The checker is checked") struct CorruptionTests {
    @Test(arguments: UInt64(1)...30)
    func `a healthy run raises no alarm`(seed: UInt64) {
        let verdict = GeneratedRun(seed: seed).run.verdict
        #expect(verdict.status == .pass, "seed \(seed): \(verdict.firstLine)")
    }

    /// 1,000 in all: every kind of corruption, on runs of many seeds.
    @Test(arguments: 0..<10)
    func `every random corruption is found and named`(part: Int) throws {
        for index in 0..<100 {
            let seed = UInt64(part * 100 + index) &+ 1_000
            var made = GeneratedRun(seed: seed)
            let kind = Int(seed) % (Corruption.allCases.count + Injection.allCases.count)
            if kind < Corruption.allCases.count {
                let corruption = Corruption.allCases[kind]
                try corruption.apply(to: &made)
                let failed = made.run.verdict.failed
                #expect(failed.contains(corruption.check), "seed \(seed), \(corruption): \(failed)")
            } else {
                let injection = Injection.allCases[kind - Corruption.allCases.count]
                var evidence = made.run.evidence
                #expect(injection.apply(to: &evidence, using: &made.generator) != nil)
                let failed = Verdict(evidence).failed
                #expect(failed.contains(injection.check), "seed \(seed), \(injection): \(failed)")
            }
        }
    }

    @Test(arguments: Injection.allCases)
    func `nothing is injected where no write was acknowledged`(injection: Injection) {
        var evidence = RunFixture(empty: "t").evidence
        var generator = SeededGenerator(state: 1)
        #expect(injection.apply(to: &evidence, using: &generator) == nil)
    }
}
