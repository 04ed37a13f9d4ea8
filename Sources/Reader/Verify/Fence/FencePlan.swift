import Model
import Tables

/// Which row of each partition carries the marker.
enum FencePlan {
    /// One row that the source has, for each partition that is known to hold the events of one.
    ///
    /// A row that both sides hold equal is preferred: the touch repairs its row in the destination, and
    /// must not repair, unseen, one that had diverged.
    static func rows(
        _ partitionOfRow: [RowID: Int32],
        source: TableContent,
        destination: TableContent
    ) -> [Int32: RowID] {
        var plan: [Int32: (key: RowID, isEqual: Bool)] = [:]
        for (key, partition) in partitionOfRow.sorted(by: { $0.key < $1.key }) {
            guard let row = source.rows[key] else { continue }
            let isEqual = destination.rows[key] == row
            guard let known = plan[partition] else {
                plan[partition] = (key, isEqual)
                continue
            }
            if isEqual && !known.isEqual { plan[partition] = (key, isEqual) }
        }
        return plan.mapValues(\.key)
    }
}
