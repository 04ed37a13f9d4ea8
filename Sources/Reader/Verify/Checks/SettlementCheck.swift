import Evidence

/// Whether it is known of every attempt what became of it.
///
/// What the writer did not settle, because it was killed, the source's row decides now: the verifier has
/// waited until nobody holds these rows any more, so nothing of the attempt can still be on its way.
struct SettlementCheck: Check {
    let name = TableJudgement.settlementName
    let judgesWithoutFence = true

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        facts.source.settlementCheck
    }
}
