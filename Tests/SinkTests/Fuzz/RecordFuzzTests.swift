import ChangeEvents
import Foundation
import Model
import Testing

@testable import Sink

/// Real events of Debezium, changed at random, through the whole decoder, against a slow one.
///
/// `HANDOVER_FUZZ_ROUNDS` and `HANDOVER_FUZZ_SEED` choose how many and which; `make fuzz` runs a million. Each round
/// follows from seed and round alone.
struct RecordFuzzTests {
    private struct Event: Decodable {
        let kind: String
        let key: String?
        let value: String?
    }

    private static let table = TableSchema(
        qualifiedName: "\"events\"",
        columns: SlowDecoder.columns.enumerated().map { index, column in
            let type: ColumnType
            switch column.kind {
            case .smallint: type = .smallint
            case .integer: type = .integer
            case .bigint: type = .bigint
            case .boolean: type = .boolean
            case .text: type = .value(.text(limit: nil), castTo: nil)
            case .number: type = .value(.float(maximumDigits: 17), castTo: nil)
            case .numeric: type = .value(.numeric(scale: 2), castTo: nil)
            }
            return Column(name: column.name, type: type, isKey: index == 0)
        },
        keyCount: 1
    )

    private static let modes: WriteModes = {
        var modes = WriteModes()
        (modes.insertMode, modes.keyMode, modes.deletesRows) = (.upsert, .recordKey, true)
        return modes
    }()

    private static func events() throws -> [Event] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/events.ndjson")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Event.self, from: Data($0.utf8))
        }
    }

    private static func setting(_ name: String, default fallback: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? fallback
    }

    @Test func `captured events are decoded as the slow decoder does`() throws {
        let events = try Self.events()
        #expect(Set(events.map(\.kind)) == ["bare", "schemas", "flat", "flatschemas"])
        for event in events {
            let (key, value) = (event.key.map { Array($0.utf8) }, event.value.map { Array($0.utf8) })
            let expected = SlowDecoder.decode(key: key, value: value)
            #expect(expected != .refused)
            #expect(
                Self.agrees(try Self.decode(key, value), expected),
                "\(event.kind): \(event.value ?? "null")"
            )
        }
    }

    @Test func `no mutated event crashes the decoder, and none is read as something that it is not`() throws {
        let events = try Self.events()
        let rounds = Self.setting("HANDOVER_FUZZ_ROUNDS", default: 1_500)
        let seed = Self.setting("HANDOVER_FUZZ_SEED", default: 20_261_121)
        var accepted = 0
        for round in 0..<rounds {
            // A crash says nothing else of where it was.
            if round % 100_000 == 0, rounds > 100_000 {
                print("fuzz: seed \(seed), round \(round), accepted \(accepted)")
            }
            var random = FuzzRandom(seed: UInt64(truncatingIfNeeded: seed), round: round)
            let event = events[random.next(below: events.count)]
            var key = event.key.map { Array($0.utf8) }
            var value = event.value.map { Array($0.utf8) }
            for _ in 0...random.next(below: 3) {
                if random.next(below: 4) == 0 {
                    if key != nil { Mutation.apply(&key!, &random) }
                } else if value != nil {
                    Mutation.apply(&value!, &random)
                }
            }
            let start = Moment.monotonicNow()
            let outcome: SlowDecoder.Outcome
            do {
                outcome = try Self.decode(key, value)
            } catch is DecodeError {
                continue
            }
            #expect(Moment.monotonicNow() - start < 2_000_000_000, "seed \(seed), round \(round) hangs")
            accepted += 1
            if Self.isAmbiguous(key) || Self.isAmbiguous(value) { continue }
            let expected = SlowDecoder.decode(key: key, value: value)
            guard !Self.agrees(outcome, expected) else { continue }
            Issue.record(
                """
                seed \(seed), round \(round): \(outcome) instead of \(expected)
                \(String(decoding: key ?? [], as: UTF8.self))
                \(String(decoding: value ?? [], as: UTF8.self))
                """
            )
        }
        #expect(accepted > rounds / 20, "the mutations leave enough to compare")
    }

    /// Whether it has a name twice, or the word for an unchanged value, of which the tree knows nothing.
    private static func isAmbiguous(_ text: [UInt8]?) -> Bool {
        guard let text else { return false }
        if SlowJSON.parse(text)?.hasRepeatedNames == true { return true }
        return String(decoding: text, as: UTF8.self).contains("unavailable_value")
    }

    private static func agrees(_ outcome: SlowDecoder.Outcome, _ expected: SlowDecoder.Outcome) -> Bool {
        guard case .upsert(let cells) = outcome, case .upsert(let wanted) = expected else {
            return outcome == expected
        }
        return zip(cells, wanted).allSatisfy { $1 == nil || $0 == $1 }
    }

    /// What the program makes of a record.
    private static func decode(_ key: [UInt8]?, _ value: [UInt8]?) throws -> SlowDecoder.Outcome {
        var decoder = RecordDecoder(table: table, modes: modes)
        var row = Row(columnCount: table.columns.count)
        let isChange = try decoder.decode(
            key: key?.span.bytes,
            value: value?.span.bytes,
            context: RecordContext(),
            into: &row
        )
        guard isChange else { return .nothing }
        let cells = row.cells.map { cell -> String? in
            switch cell {
            case .absent: return "-"
            case .null: return "null"
            case .integer(let value): return String(value)
            case .text(let range): return String(decoding: row.bytes[range], as: UTF8.self)
            }
        }
        switch row.change {
        case .upsert: return .upsert(cells)
        case .delete: return .delete(key: cells[0] ?? "")
        case .truncate: return .nothing
        }
    }
}
