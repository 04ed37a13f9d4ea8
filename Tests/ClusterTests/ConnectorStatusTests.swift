import Cluster
import Foundation
import Model
import Testing

struct ConnectorStatusTests {
    @Test(
        arguments: [
            (#"{"connector":{"state":"RUNNING"},"tasks":[{"state":"RUNNING"}]}"#, true, "RUNNING"),
            (
                #"{"connector":{"state":"RUNNING"},"tasks":[{"state":"FAILED","trace":"java.E: why\n\tat x"}]}"#,
                false, "task FAILED: java.E: why"
            ),
            (#"{"connector":{"state":"PAUSED"},"tasks":[{"state":"PAUSED"}]}"#, false, "PAUSED"),
            (#"{"connector":{"state":"RUNNING"},"tasks":[]}"#, false, "has no task yet"),
        ]
    )
    func `a connector runs when all its tasks do`(answer: String, isRunning: Bool, summary: String) throws {
        let status = try JSONDecoder().decode(ConnectorStatus.self, from: Data(answer.utf8))
        #expect(status.isRunning == isRunning)
        #expect(status.summary == summary)
    }

    @Test(
        arguments: [
            ("a\nb", "a"), ("a\r\nb", "a"), ("a\rb", "a"), ("\n\na", "a"), ("a", "a"), ("", nil),
            ("\r\n", nil),
            ("\u{1B}[31mred\n", "\\u{1b}[31mred"), ("\n\u{301}a", "\u{301}a"),
        ] as [(String, String?)]
    )
    func `a failure is the first line of its trace`(trace: String, line: String?) {
        #expect(ConnectorStatus.firstLine(of: trace) == line)
    }
}

struct ClusterStateTests {
    @Test func `the leader and the names of nodes come from Patroni's view`() throws {
        let answer = """
            {"members": [
                {"name": "a", "role": "leader", "state": "running", "host": "h1", "port": 5433, "timeline": 3},
                {"name": "b", "role": "sync_standby", "state": "streaming", "host": "h2", "port": 5434}
            ], "scope": "handover"}
            """
        let state = try JSONDecoder().decode(ClusterState.self, from: Data(answer.utf8))
        #expect(state.leader?.name == "a")
        #expect(state.name(ofNode: "h2:5434") == "b")
        #expect(state.name(ofNode: "h9:1") == "h9:1")
    }

    @Test func `a fork is a timeline, where it ended and why`() throws {
        let answer =
            #"[[1, 75089840, "no recovery target specified"], [2, 90000000, "x", "2026-01-01", "b"]]"#
        let forks = try JSONDecoder().decode([TimelineFork].self, from: Data(answer.utf8))
        #expect(forks.map(\.timeline) == [Timeline(1), Timeline(2)])
        #expect(forks[0].lsn.description == "0/479C7B0")
    }
}
