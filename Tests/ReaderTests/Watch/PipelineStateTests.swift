import Testing

@testable import Watch

@Suite("The pipeline's state") struct PipelineStateTests {
    private static let second: UInt64 = 1_000_000_000

    /// What one line of a story sees: seconds, records behind, age of the oldest write in seconds, and when
    /// something last moved.
    private func story(_ lines: [(at: UInt64, behind: Int64, age: UInt64?, moved: UInt64)]) -> [PipelineState]
    {
        var machine = PipelineStateMachine()
        return lines.map { line in
            machine.take(
                Observation(
                    time: line.at * Self.second,
                    recordsBehind: line.behind,
                    oldestAge: line.age.map { $0 * 1_000_000 },
                    lastProgress: line.moved * Self.second
                )
            )
            return machine.state
        }
    }

    @Test func `idle for long is in order`() {
        #expect(story([(1, 0, nil, 1), (100, 0, nil, 1)]) == [.ok, .ok])
    }

    @Test func `the first write after a long idle time is no standstill`() {
        #expect(story([(100, 0, nil, 1), (101, 3, 0, 1), (102, 3, 1, 1)]) == [.ok, .ok, .ok])
    }

    @Test func `records behind and nothing moves is STALLED after 5 s`() {
        #expect(story([(10, 4, 0, 10), (14, 4, 4, 10), (15, 4, 5, 10)]) == [.ok, .ok, .stalled])
    }

    @Test func `writes that do not become visible are STALLED although the topic is empty`() {
        #expect(story([(10, 0, 0, 10), (16, 0, 6, 10)]) == [.ok, .stalled])
    }

    @Test func `late but moving is LAGGING`() {
        #expect(story([(10, 900, 2, 10), (20, 900, 6, 20), (21, 0, nil, 21)]) == [.ok, .lagging, .ok])
    }

    /// A part that can be away, and how its reason begins.
    enum Part: String, CaseIterable, Sendable {
        case source, destination, broker, connector

        func fail(_ seen: inout Observation) {
            switch self {
            case .source: seen.failures.source = "gone"
            case .destination: seen.failures.destination = "gone"
            case .broker: seen.failures.broker = "gone"
            case .connector: seen.failures.connector = "connector: gone"
            }
        }
    }

    @Test(arguments: Part.allCases)
    func `a part that is away is STOPPED with its reason`(part: Part) {
        var machine = PipelineStateMachine()
        let seen = Observation(time: 1, lastProgress: 1, rewoundRowCount: 3)
        var failed = seen
        part.fail(&failed)
        machine.take(failed)
        #expect(machine.state == .stopped)
        #expect(machine.reason == "\(part.rawValue): gone")
        machine.take(seen)
        #expect(machine.state == .rewound)
    }
}
