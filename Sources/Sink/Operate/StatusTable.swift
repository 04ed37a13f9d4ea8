/// A sink's status for people: a line for the sink, one for each lane in trouble, and a table of partitions.
///
/// Whatever answers may have written it: no text of it steers a terminal or makes a line of its own.
struct StatusTable: CustomStringConvertible {
    private let status: SinkStatus

    init(_ status: SinkStatus) {
        self.status = status
    }

    var description: String {
        ([heading] + troubles + table).map(\.visible).joined(separator: "\n")
    }

    private var heading: String {
        let restarts = status.restarts == 0 ? "" : ", \(status.restarts) restarts"
        return
            "\(status.name)  \(status.connector.state.rawValue)  group \(status.group), into \(status.destination); "
            + "\(status.recordsApplied) records in \(status.transactions) transactions since \(status.startedAt)\(restarts)"
    }

    private var troubles: [String] {
        SinkHealth(status).unreadyReasons.map { "! \($0)" }
    }

    private var table: [String] {
        let head = ["lane", "state", "partition", "next", "behind", "lag", "batch", "last error"]
        var rows: [[String]] = []
        for task in status.tasks {
            if task.partitions.isEmpty {
                let last = task.lastError ?? ""
                rows.append(["\(task.id)", task.state.rawValue, "-", "-", "-", "-", "-", last])
            }
            for partition in task.partitions {
                rows.append([
                    "\(task.id)", partition.state.rawValue, "\(partition.topic)[\(partition.partition)]",
                    "\(partition.nextOffset)", partition.recordsBehind.map { "\($0)" } ?? "?",
                    partition.lagSeconds.map(Self.seconds) ?? "?", "\(partition.lastBatchSize)",
                    partition.lastError.map { "\(partition.lastErrorAt ?? ""): \($0)" } ?? "",
                ])
            }
        }
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].width }.max() ?? 0 }
        return ([head] + rows).map { row in
            let cells = zip(row, widths).map { $0.padded(to: $1) }
            return cells.joined(separator: "  ").trimmedRight
        }
    }

    /// Tenths of a second are enough.
    private static func seconds(_ value: Double) -> String {
        let tenths = (value * 10).rounded().clamped
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
