import Evidence
import Model

/// Whether a stream began where decoding was not consistent yet: what was committed before it was, was never sent.
///
/// That concerns every table of the publication, so writes that came through are no proof to the contrary.
struct ColdStartCheck: Check {
    let name = "cold starts"
    let judgesWithoutFence = true

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        guard let log = evidence.serverLog else {
            return CheckResult(name: name, status: .pass, count: 0, notes: ["no server's log was given"])
        }
        var seen: Set<ServerLog.Start> = []
        let cold = log.starts.filter { $0.isCold && seen.insert($0).inserted }
        let examples = cold.map { start in
            let place = start.consistent?.description ?? "nowhere"
            guard !start.isPartial else {
                return
                    "slot \(start.slot) was read cold: decoding used another slot's snapshot at \(place), and what "
                    + "transactions had changed before that is missing"
            }
            let bytes = start.consistent.map { Int64(clamping: $0.rawValue - start.position.rawValue) } ?? 0
            return
                "slot \(start.slot) was read cold: what was committed between \(start.position) and \(place) "
                + "(\(bytes.grouped) bytes of log) was skipped"
        }
        return CheckResult(
            name: name,
            status: cold.isEmpty ? .pass : .unknown,
            count: cold.isEmpty ? log.starts.count : cold.count,
            headline: examples.first.map { cold.count > 1 ? "\($0), and \(cold.count - 1) more" : $0 } ?? "",
            examples: Array(examples.prefix(Finding.exampleLimit)),
            notes: cold.isEmpty ? [] : ["compare the tables: reader compare"]
        )
    }
}
