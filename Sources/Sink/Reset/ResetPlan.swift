import Commands
import FoundationEssentials
import Model

/// What a reset would change, decided from what is stored and what the broker has.
struct ResetPlan: Equatable {
    enum Target: Hashable, OptionValue {
        case earliest
        case latest
        /// Where the group of the connector's name stands in Kafka.
        case group
        case offset(Int64)
        /// The first record that is not older, in milliseconds since 1970.
        case time(Int64)

        init(argument: String) throws(InvalidValue) {
            switch argument {
            case "earliest": self = .earliest
            case "latest": self = .latest
            case "group": self = .group
            case _ where argument.utf8.contains(UInt8(ascii: "T")):
                let style = Date.ISO8601FormatStyle(
                    includingFractionalSeconds: argument.utf8.contains(UInt8(ascii: "."))
                )
                guard let date = try? Date(argument, strategy: style),
                    let time = Int64(exactly: (date.timeIntervalSince1970 * 1000).rounded()), time >= 0
                else { throw InvalidValue() }
                self = .time(time)
            default:
                guard let offset = Int64(argument), offset >= 0 else { throw InvalidValue() }
                self = .offset(offset)
            }
        }

        static var valid: String {
            "earliest, latest, group, an offset, or a time such as 2026-11-29T06:00:00Z"
        }

        var argument: String {
            switch self {
            case .earliest: "earliest"
            case .latest: "latest"
            case .group: "group"
            case .offset(let offset): String(offset)
            case .time(let time): Date(timeIntervalSince1970: Double(time) / 1000).formatted(.iso8601)
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

    /// - Parameter asked: what the brokers answered to a target that only they know: the group's offsets, or those by
    ///   time, of the partitions that have one.
    /// - Throws: `ResetError.outside` for an offset that a partition does not have, `.noCommit` for a partition that
    ///   the group knows nothing of.
    init(
        to target: Target,
        marks: [TopicPartition: PartitionMarks],
        stored: [TopicPartition: Int64],
        asked: [TopicPartition: Int64] = [:]
    ) throws(ResetError) {
        var changes: [Change] = []
        for (place, marks) in marks.sorted(by: { $0.key < $1.key }) {
            let new: Int64
            switch target {
            case .earliest: new = marks.first
            case .latest: new = marks.end
            // Nothing is that young: what comes next is.
            case .time: new = asked[place] ?? marks.end
            case .group:
                guard let offset = asked[place] else { throw .noCommit(place) }
                new = try marks.checked(offset, of: place)
            case .offset(let offset): new = try marks.checked(offset, of: place)
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
                change.place.description.visible, change.stored.map { "\($0)" } ?? "-", "\(change.new)",
                "\(change.marks.first) to \(change.marks.end)", change.effect,
            ])
        }
        let widths = (0..<4).map { column in rows.map { $0[column].width }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { cell, width in
                cell.padded(to: width + 2)
            }.joined() + row[4]
        }.joined(separator: "\n")
    }
}

extension PartitionMarks {
    fileprivate func checked(_ offset: Int64, of place: TopicPartition) throws(ResetError) -> Int64 {
        guard (first...max(first, end)).contains(offset) else {
            throw .outside(place, offset: offset, marks: self)
        }
        return offset
    }
}
