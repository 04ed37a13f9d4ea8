import Testing

extension PipelineTests {
    /// SIGSTOP past the session timeout: the group gives the partitions to another sink, and the one that
    /// wakes up still holds a batch.
    ///
    /// Only the compare-and-set of the progress keeps it from writing.
    @Test func `a sink that slept while another took over writes nothing twice`() async throws {
        try await lab.underLoad(rate: 1000) {
            try lab.verb("pause", "sink1")
            try lab.verb("start", "sink2")
            let before = try lab.query("destination", "select sum(next_offset) from sink_progress")
            try await lab.until("the other sink applies", within: .seconds(60)) {
                try lab.query("destination", "select sum(next_offset) from sink_progress") != before
            }
            try lab.verb("resume", "sink1")
        }
        try expectPass()
    }
}
