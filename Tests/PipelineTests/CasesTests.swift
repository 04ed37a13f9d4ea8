import Testing

extension PipelineTests {
    /// Records in topics of their own, written as a source connector writes them, and what the sink makes of them:
    /// as envelopes with and without schemas and flattened, in large batches and one by one, and once more from the
    /// first record on.
    @Test(arguments: SinkProfile.allCases)
    func `a case ends as it must`(one: SinkCase) async throws {
        let problems = try await CaseRun.shared.value.problems[one.name] ?? []
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }

    @Test(arguments: SinkRefusal.all)
    func `a record that cannot be applied stops the sink with the reason`(refusal: SinkRefusal) async throws {
        let problems = try await CaseRun.shared.value.problems[refusal.one.name] ?? []
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }
}
