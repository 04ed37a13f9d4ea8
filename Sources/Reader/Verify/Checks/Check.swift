import Evidence

/// One question about the evidence; a pure function with a name.
protocol Check: Sendable {
    var name: String { get }

    /// Whether the answer means something although the markers did not come through the pipeline.
    var judgesWithoutFence: Bool { get }

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult
}
