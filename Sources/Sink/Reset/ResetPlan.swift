import Shared

/// What a reset would change, decided from what is stored and what the broker has.
struct ResetPlan: Equatable {
    enum Target: Hashable, Sendable {
        case earliest
        case latest
        case offset(Int64)

        init?(_ text: String) {
            switch text {
            case "earliest": self = .earliest
            case "latest": self = .latest
            default:
                guard let offset = Int64(text), offset >= 0 else { return nil }
                self = .offset(offset)
            }
        }
    }

    struct Change: Equatable {
        let place: TopicPartition
        /// The stored next offset; `nil` when the partition was never begun.
        let stored: Int64?
        let new: Int64
        let marks: PartitionMarks

        var isChange: Bool { stored != new }

        /// What the change does to the destination, in words.
        var effect: String {
            guard let stored else {
                return new == marks.first
                    ? "begins there, as without a reset"
                    : "begins there, without \(records(new - marks.first))"
            }
            // Offsets count records, but compaction and transactions leave gaps.
            let gone =
                stored < marks.first ? "; \(records(marks.first - stored)) in front are gone already" : ""
            if stored > marks.end, new <= marks.end {
                return "the log ends in front of the stored offset; applies up to \(records(marks.end - new))"
            }
            if new < stored { return "applies up to \(records(stored - new)) again" }
            let skipped = new - max(stored, marks.first)
            if new > stored, skipped > 0 { return "skips up to \(records(skipped))\(gone)" }
            return new == stored ? "no change" : "skips nothing that is there\(gone)"
        }

        private func records(_ count: Int64) -> String { count == 1 ? "1 record" : "\(count) records" }
    }

    let changes: [Change]

    /// Whether rows of records that are applied a second time may come to stand twice.
    var repeats: Bool { changes.contains { change in change.stored.map { change.new < $0 } ?? false } }

    /// - Throws: `ResetError.outside` for an offset that a partition does not have.
    init(
        to target: Target,
        marks: [TopicPartition: PartitionMarks],
        stored: [TopicPartition: Int64]
    ) throws(ResetError) {
        var changes: [Change] = []
        for (place, marks) in marks.sorted(by: { $0.key < $1.key }) {
            let new: Int64
            switch target {
            case .earliest: new = marks.first
            case .latest: new = marks.end
            case .offset(let offset):
                guard (marks.first...max(marks.first, marks.end)).contains(offset) else {
                    throw .outside(place, offset: offset, marks: marks)
                }
                new = offset
            }
            changes.append(Change(place: place, stored: stored[place], new: new, marks: marks))
        }
        self.changes = changes
    }

    /// A table with a line for each partition.
    var text: String {
        var rows = [["PARTITION", "STORED", "NEW", "BROKER HAS", "EFFECT"]]
        for change in changes {
            rows.append([
                change.place.description, change.stored.map { "\($0)" } ?? "-", "\(change.new)",
                "\(change.marks.first) to \(change.marks.end)", change.effect,
            ])
        }
        let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count + 2)
            }.joined() + row[4]
        }.joined(separator: "\n")
    }
}
