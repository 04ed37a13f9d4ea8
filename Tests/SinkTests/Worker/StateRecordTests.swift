import Logs
import Testing

@testable import Sink

@Suite struct StateRecordTests {
    private func read(_ key: String, _ value: String?) -> StateRecord? {
        StateRecord(key: Array(key.utf8), value: value.map { Array($0.utf8) })
    }

    private static let name = ConnectorName("a-b-\u{e9}")

    @Test(arguments: [
        StateRecord.connector(
            name,
            ["topics": "t", "connection.password": "${file:/p:k}", "x": "\u{0}\"\n"]
        ),
        .connector(name, [:]), .connector(name, nil),
        .target(name, .started), .target(name, .paused), .target(name, .stopped), .target(name, nil),
        .restart(name, RestartOrder(includesTasks: true, onlyFailed: false)),
        .restart(name, RestartOrder(includesTasks: false, onlyFailed: true, task: 3)),
        .level(.warning),
    ])
    func `a record that is written is read as what it was`(record: StateRecord) {
        #expect(StateRecord(key: record.key, value: record.value) == record)
    }

    @Test func `records are Kafka Connect's own`() throws {
        let connector = StateRecord.connector(ConnectorName("s"), ["tasks.max": "2"])
        #expect(String(decoding: connector.key, as: UTF8.self) == "connector-s")
        #expect(
            String(decoding: connector.value ?? [], as: UTF8.self) == #"{"properties":{"tasks.max":"2"}}"#
        )
        let stopped = StateRecord.target(ConnectorName("s"), .stopped)
        #expect(String(decoding: stopped.key, as: UTF8.self) == "target-state-s")
        #expect(
            String(decoding: stopped.value ?? [], as: UTF8.self)
                == #"{"state":"PAUSED","state.v2":"STOPPED"}"#
        )
        #expect(read("target-state-s", #"{"state":"PAUSED"}"#) == .target(ConnectorName("s"), .paused))
        #expect(
            read("restart-connector-s", #"{"include-tasks":true,"only-failed":true}"#)
                == .restart(ConnectorName("s"), RestartOrder(includesTasks: true, onlyFailed: true))
        )
        #expect(read("logger-cluster-root", #"{"level":"DEBUG"}"#) == .level(.debug))
    }

    @Test(
        arguments: [
            ("task-s-0", "{}"), ("commit-s", #"{"tasks":1}"#), ("session-key", "{}"), ("connector-s", ""),
            ("connector-s", "{}"), ("connector-s", #"{"properties":[]}"#), ("connector-s", "[]"), ("", "{}"),
            ("target-state-s", "{}"), ("target-state-s", #"{"state":"GONE"}"#), ("restart-connector-s", nil),
            ("logger-cluster-org.x", #"{"level":"INFO"}"#), ("logger-cluster-root", #"{"level":"LOUD"}"#),
        ] as [(String, String?)]
    )
    func `what is nothing to a worker is left`(key: String, value: String?) {
        #expect(read(key, value) == nil)
    }

    @Test func `a key that is no text is left`() {
        #expect(StateRecord(key: Array("connector-".utf8) + [0xff], value: nil) == nil)
    }

    @Test(arguments: ["s", "a b", "a/b", "\u{e9}", String(repeating: "x", count: 255), "$topic"])
    func `any text is a name`(text: String) throws { #expect(try ConnectorName(new: text).text == text) }

    @Test(arguments: ["", " ", "a\u{0}", "a\nb", "\u{85}", "${env:X}", String(repeating: "x", count: 256)])
    func `what cannot be a name is refused`(text: String) {
        #expect(throws: RESTRefusal.self) { try ConnectorName(new: text) }
    }

    @Test func `two spellings of a letter are two names`() {
        #expect(ConnectorName("\u{e9}") != ConnectorName("e\u{301}"))
        #expect(Set([ConnectorName("\u{e9}"), ConnectorName("e\u{301}")]).count == 2)
    }
}

@Suite struct WorkerStateTests {
    private let a = ConnectorName("a")
    private let b = ConnectorName("b")

    @Test func `records add up to the connectors that there are`() {
        var state = WorkerState()
        state.apply(.target(a, .paused), at: 0)
        state.apply(.connector(a, ["tasks.max": "2"]), at: 1)
        state.apply(.connector(b, [:]), at: 2)
        #expect(state.connectors[a]?.target == .paused)
        #expect(state.tasks.map(\.description) == ["a-0", "a-1", "b-0"])
        state.apply(.target(a, .stopped), at: 3)
        #expect(state.tasks.map(\.description) == ["b-0"])
        state.apply(.target(a, .started), at: 4)
        #expect(state.tasks.count == 3)
        state.apply(.connector(a, nil), at: 5)
        state.apply(.target(a, nil), at: 6)
        #expect(state.tasks.map(\.description) == ["b-0"])
        state.apply(.connector(a, [:]), at: 7)
        #expect(state.connectors[a]?.target == .started)
    }

    @Test func `a deleted connector's state is not that of the next one`() {
        var state = WorkerState()
        state.apply(.connector(a, [:]), at: 0)
        state.apply(.target(a, .stopped), at: 1)
        state.apply(.connector(a, nil), at: 2)
        state.apply(.connector(a, [:]), at: 3)
        #expect(state.connectors[a]?.target == .started)
    }

    @Test func `the same properties again leave the tasks alone`() {
        var state = WorkerState()
        state.apply(.connector(a, ["p": "\u{e9}"]), at: 5)
        state.apply(.connector(a, ["p": "\u{e9}"]), at: 6)
        #expect(state.connectors[a]?.revision == 5)
        // Another password, though Swift's == takes it for the same.
        state.apply(.connector(a, ["p": "e\u{301}"]), at: 7)
        #expect(state.connectors[a]?.revision == 7)
    }

    @Test func `restarts and levels are for whoever hears them`() {
        var state = WorkerState()
        let order = RestartOrder(includesTasks: true, onlyFailed: false)
        let events = [state.apply(.restart(a, order), at: 0), state.apply(.level(.debug), at: 1)]
        #expect(events == [.restart(a, order), .level(.debug)])
        #expect(state == WorkerState())
    }

    @Test(
        arguments: [(nil, 1), ("3", 3), (" 2 ", 2), ("0", 1), ("65", 64), ("x", 1), ("-1", 1)]
            as [(String?, Int)]
    )
    func `tasks are as many as tasks.max says, within bounds`(given: String?, count: Int) {
        var state = WorkerState()
        state.apply(.connector(a, given.map { ["tasks.max": $0] } ?? [:]), at: 0)
        #expect(state.tasks.count == count)
    }

    @Test(
        arguments: [
            (true, false, nil, 0, false, true), (true, true, nil, 0, false, false),
            (true, true, nil, 0, true, true),
            (false, false, nil, 0, true, false), (false, true, nil, 0, true, false),
            (true, false, 1, 0, true, false),
            (true, false, 1, 1, false, true),
        ] as [(Bool, Bool, Int?, Int, Bool, Bool)]
    )
    func `a restart covers the tasks that it names`(
        includes: Bool,
        onlyFailed: Bool,
        task: Int?,
        number: Int,
        hasFailed: Bool,
        covers: Bool
    ) {
        let order = RestartOrder(includesTasks: includes, onlyFailed: onlyFailed, task: task)
        #expect(order.covers(number, hasFailed: hasFailed) == covers)
    }
}
