import Testing

@testable import Sink

@Suite struct TaskAssignmentTests {
    private static func tasks(_ connectors: Int, _ each: Int) -> [TaskID] {
        (0..<connectors).flatMap { connector in
            (0..<each).map { TaskID(connector: ConnectorName("sink-\(connector)"), number: $0) }
        }
    }

    private func counts(_ assigned: [TaskID: String]) -> [String: Int] {
        Dictionary(grouping: assigned.values) { $0 }.mapValues(\.count)
    }

    @Test(arguments: [(1, 1, 1), (1, 5, 3), (10, 10, 3), (7, 1, 4), (3, 2, 7), (100, 1, 5), (1, 64, 9)])
    func `every task has one worker, and none more than its share`(connectors: Int, each: Int, workers: Int) {
        let tasks = Self.tasks(connectors, each)
        let names = (0..<workers).map { "host-\($0):8083" }
        let assigned = TaskAssignment.assign(tasks, to: names)
        #expect(Set(assigned.keys) == Set(tasks))
        let share = (tasks.count + workers - 1) / workers
        #expect(counts(assigned).values.allSatisfy { $0 <= share })
    }

    @Test func `the order in which tasks and workers are known does not matter`() {
        let (tasks, workers) = (Self.tasks(9, 3), ["c:1", "a:1", "b:1"])
        let assigned = TaskAssignment.assign(tasks, to: workers)
        #expect(assigned == TaskAssignment.assign(tasks.reversed(), to: workers.sorted()))
    }

    @Test func `the tasks of a connector are on different workers as far as there are some`() {
        let workers = ["a:1", "b:1", "c:1"]
        let assigned = TaskAssignment.assign(Self.tasks(10, 3), to: workers)
        for connector in 0..<10 {
            let own = assigned.filter { $0.key.connector == ConnectorName("sink-\(connector)") }.values
            #expect(Set(own).count == 3, "sink-\(connector): \(own)")
        }
    }

    @Test func `a worker's end moves its own tasks, and few others`() {
        let tasks = Self.tasks(60, 1)
        let before = TaskAssignment.assign(tasks, to: ["a:1", "b:1", "c:1"])
        let after = TaskAssignment.assign(tasks, to: ["a:1", "c:1"])
        let moved = tasks.filter { before[$0] != "b:1" && before[$0] != after[$0] }
        #expect(after.values.allSatisfy { $0 != "b:1" })
        #expect(moved.count <= 12, "\(moved.count) of the 40 that could stay")
    }

    @Test func `without workers nothing is assigned`() {
        #expect(TaskAssignment.assign(Self.tasks(2, 2), to: []).isEmpty)
        #expect(TaskAssignment.assign([], to: ["a:1"]).isEmpty)
    }

    @Test func `a worker's share is bounded, and what is beyond is named`() {
        var state = WorkerState()
        state.apply(.connector(ConnectorName("s"), ["tasks.max": "5"]), at: 0)
        state.apply(.target(ConnectorName("s"), .paused), at: 1)
        let (wanted, excess) = WorkerPlan(state, workers: ["a:1"]).share(of: "a:1", capacity: 3)
        #expect(wanted.keys.map(\.number).sorted() == [0, 1, 2])
        #expect(wanted.values.filter(\.isPaused).count == 3)
        #expect(excess.map(\.number) == [3, 4])
        #expect(WorkerPlan(state, workers: ["a:1"]).share(of: "b:1", capacity: 3).wanted.isEmpty)
    }
}

@Suite struct TaskStepTests {
    private static func wanted(_ revision: Int64 = 1, _ target: TargetState = .started) -> WorkerPlan.Wanted {
        WorkerPlan.Wanted(
            connector: WorkerState.Connector(properties: [:], revision: revision, target: target)
        )
    }

    private static func running(
        _ revision: Int64 = 1,
        ended: Bool = false,
        stopping: Bool = false,
        restarting: Bool = false
    ) -> TaskStep.Running {
        TaskStep.Running(revision: revision, hasEnded: ended, isStopping: stopping, isRestarting: restarting)
    }

    @Test(
        arguments: [
            (nil, nil, .nothing), (wanted(), nil, .start),
            (wanted(), running(), .order(pause: false)), (wanted(1, .paused), running(), .order(pause: true)),
            (nil, running(), .stop), (nil, running(ended: true), .forget),
            // Other properties, or an order: it ends first, and then its place is free.
            (wanted(2), running(), .stop), (wanted(2), running(ended: true), .forget),
            (wanted(), running(restarting: true), .stop),
            (wanted(), running(ended: true, restarting: true), .forget),
            // One that failed waits for an order.
            (wanted(), running(ended: true), .nothing),
            // It was given away and came back before it had ended.
            (wanted(), running(stopping: true), .stop),
            (wanted(), running(ended: true, stopping: true), .forget),
        ] as [(WorkerPlan.Wanted?, TaskStep.Running?, TaskStep)]
    )
    func `the next step follows from what is wanted and what runs`(
        wanted: WorkerPlan.Wanted?,
        running: TaskStep.Running?,
        step: TaskStep
    ) {
        #expect(TaskStep(wanted, running) == step)
    }
}

@Suite struct LiveWorkersTests {
    private let second: UInt64 = 1_000_000_000

    @Test func `a worker lives for a session after each word`() {
        var workers = LiveWorkers(session: .seconds(10))
        let (a, b) = (
            Heartbeat(worker: "a:1", incarnation: "1", capacity: 4),
            Heartbeat(worker: "b:1", incarnation: "2", capacity: 4)
        )
        let word1 = workers.hear("a:1", a, at: 0)
        #expect(word1)
        let word2 = workers.hear("b:1", b, at: 5 * second)
        #expect(word2)
        let word3 = workers.hear("b:1", b, at: 6 * second)
        #expect(!word3)
        #expect(workers.live(at: 9 * second).map(\.worker) == ["a:1", "b:1"])
        #expect(workers.live(at: 10 * second).map(\.worker) == ["b:1"])
        #expect(workers.live(at: 16 * second).isEmpty)
    }

    @Test func `a worker that ends is gone at once, and one that began anew is a newcomer`() {
        var workers = LiveWorkers(session: .seconds(10))
        let first = Heartbeat(worker: "a:1", incarnation: "1", capacity: 4)
        let next = Heartbeat(worker: "a:1", incarnation: "2", capacity: 4)
        let word4 = workers.hear("a:1", first, at: 0)
        #expect(word4)
        let word5 = workers.hear("a:1", next, at: second)
        #expect(word5)
        #expect(workers.live(at: second) == [next])
        let word6 = workers.hear("a:1", nil, at: 2 * second)
        #expect(!word6)
        #expect(workers.live(at: 2 * second).isEmpty)
    }

    @Test func `a heartbeat is read as what it was, and only under its worker's key`() {
        let task = Heartbeat.Task(
            connector: "s\u{e9}",
            task: 1,
            state: .failed,
            trace: "why\n",
            topics: ["t"]
        )
        let heartbeat = Heartbeat(worker: "h:8083", incarnation: "x", capacity: 8, tasks: [task])
        #expect(Heartbeat(key: heartbeat.key, value: heartbeat.value) == heartbeat)
        #expect(Heartbeat(key: Array("worker-other:1".utf8), value: heartbeat.value) == nil)
        #expect(Heartbeat(key: Array("status-connector-s".utf8), value: heartbeat.value) == nil)
        for length in heartbeat.value.indices {
            #expect(Heartbeat(key: heartbeat.key, value: Array(heartbeat.value[..<length])) == nil)
        }
    }
}
