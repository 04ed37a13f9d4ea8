import Tables

/// Which row of each partition carries the marker.
enum FencePlan {
    /// One row that the source has, for each partition that is known to hold the events of one.
    ///
    /// A row that both sides hold equal is preferred: the touch repairs its row in the destination, and
    /// must not repair, unseen, one that had diverged.
    static func rows(
        _ partitionOfRow: [Int64: Int32],
        source: TableContent,
        destination: TableContent
    ) -> [Int32: Int64] {
        var plan: [Int32: (id: Int64, isEqual: Bool)] = [:]
        for (id, partition) in partitionOfRow.sorted(by: { $0.key < $1.key }) {
            guard let row = source.rows[id] else { continue }
            let isEqual = destination.rows[id] == row
            guard let known = plan[partition] else {
                plan[partition] = (id, isEqual)
                continue
            }
            if isEqual && !known.isEqual { plan[partition] = (id, isEqual) }
        }
        return plan.mapValues(\.id)
    }
}
