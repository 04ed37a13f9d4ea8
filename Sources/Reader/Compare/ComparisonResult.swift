import FoundationEssentials
import JSONText

/// What a comparison found.
package struct ComparisonResult: Sendable {
    var pairing: ColumnPairing
    /// Suspects at which the comparison stops.
    var limit: Int
    var sourceRowCount: Int64 = 0
    var destinationRowCount: Int64 = 0
    var differences: [Difference] = []
    /// Rows that differed and arrived when they were read again.
    var inFlightCount = 0
    /// Rows that had neither arrived nor come to rest when patience ended.
    var movingCount = 0
    /// Nanoseconds that the slowest row took to arrive.
    var lag: UInt64 = 0
    /// Whether there were more suspects than the limit.
    var wasCut = false
    /// Rows that were written once more at the source.
    var touchedCount = 0
    /// SQL that puts the destination right.
    package internal(set) var statements: [String] = []

    /// 0 equal, 1 different, 2 not known.
    package var exitCode: Int32 {
        if !differences.isEmpty { return 1 }
        return movingCount > 0 || wasCut ? 2 : 0
    }

    init(pairing: ColumnPairing, limit: Int) {
        self.pairing = pairing
        self.limit = limit
    }

    private var counts: [(kind: Difference.Kind, count: Int)] {
        Difference.Kind.allCases
            .map { kind in (kind, differences.count { $0.kind == kind }) }
            .filter { $0.count > 0 }
    }

    /// The verdict.
    package var firstLine: String {
        switch exitCode {
        case 0:
            return "EQUAL: \(destinationRowCount.grouped) rows"
                + (touchedCount > 0
                    ? ", \(touchedCount.grouped) of them repaired by a touch at the source" : "")
        case 1:
            let kinds = counts.map { "\($0.count.grouped) \($0.kind.rawValue)" }.joined(separator: ", ")
            return "DIFFERENT: " + (wasCut ? "at least " : "") + kinds
        default:
            return movingCount > 0
                ? "INCONCLUSIVE: \(movingCount.grouped) rows still change; wait longer with --patience"
                : "INCONCLUSIVE: more than \(limit.grouped) rows were on their way; raise --limit"
        }
    }

    /// The report after the first line.
    package func lines() -> [String] {
        var lines = [
            "rows       source \(sourceRowCount.grouped), destination \(destinationRowCount.grouped)"
        ]
        if inFlightCount > 0 {
            lines.append(
                "in flight  \(inFlightCount.grouped) rows, the slowest took \(lag / 1_000_000) ms to arrive"
            )
        }
        if touchedCount > 0 { lines.append("touched    \(touchedCount.grouped) rows at the source") }
        lines += pairing.notes.map { "note       \($0)" }
        for difference in differences {
            let suspect = difference.suspect
            let versions = [
                suspect.source?.version.map { "source \($0)" },
                suspect.destination?.version.map { "destination \($0)" },
            ].compactMap { $0 }.joined(separator: ", ")
            let name = difference.kind.rawValue.padded(to: 10)
            lines.append("\(name) \(suspect.key.description)" + (versions.isEmpty ? "" : " (\(versions))"))
        }
        return lines
    }

    /// The result as one line of JSON; what is not known is null.
    package func json() -> String {
        struct Row: Encodable {
            var kind: String
            var key: [String]
            var sourceVersion: Int64?
            var destinationVersion: Int64?
            enum CodingKeys: String, CodingKey { case kind, key, sourceVersion, destinationVersion }
            func encode(to encoder: any Encoder) throws {
                var fields = encoder.container(keyedBy: CodingKeys.self)
                try fields.encode(kind, forKey: .kind)
                try fields.encode(key, forKey: .key)
                try fields.encode(sourceVersion, forKey: .sourceVersion)
                try fields.encode(destinationVersion, forKey: .destinationVersion)
            }
        }
        struct Document: Encodable {
            var result: String
            var sourceRows: Int64
            var destinationRows: Int64
            var counts: [String: Int]
            var inFlight: Int
            var moving: Int
            var lagSeconds: Double
            var touched: Int
            var isCut: Bool
            var notes: [String]
            var differences: [Row]
            var repair: [String]
        }
        let document = Document(
            result: ["equal", "different", "inconclusive"][Int(exitCode)],
            sourceRows: sourceRowCount,
            destinationRows: destinationRowCount,
            counts: Dictionary(uniqueKeysWithValues: counts.map { ($0.kind.rawValue, $0.count) }),
            inFlight: inFlightCount,
            moving: movingCount,
            lagSeconds: Double(lag) / 1e9,
            touched: touchedCount,
            isCut: wasCut,
            notes: pairing.notes,
            differences: differences.map { difference in
                Row(
                    kind: difference.kind.rawValue,
                    key: difference.suspect.key.texts,
                    sourceVersion: difference.suspect.source?.version,
                    destinationVersion: difference.suspect.destination?.version
                )
            },
            repair: statements
        )
        // Encoding numbers, texts and arrays of these can't fail.
        return (try? jsonText(document, names: .snakeCase)) ?? "{}"
    }
}
