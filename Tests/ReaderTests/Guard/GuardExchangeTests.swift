import HTTPServer
import Model
import Testing
import Threading

@testable import Guard

struct CaptureGateTests {
    private let board = GuardBoard()

    @Test func `the gate is open for the cleared leader only, and not for ever`() {
        let gate = CaptureGate(isDryRun: false)
        #expect(gate.answer(about: "a", board.now).status == 503)
        gate.open(for: "a", Timeline(2), until: .after(.seconds(60)))
        #expect(gate.isOpen && gate.answer(about: "a", board.now).status == 200)
        #expect(gate.answer(about: "b", board.now).status == 503)
        gate.open(for: "a", Timeline(2), until: Deadline(monotonic: 1))
        #expect(!gate.isOpen && gate.answer(about: "a", board.now).status == 503)
        gate.open(for: "a", Timeline(2), until: .after(.seconds(60)))
        gate.close()
        #expect(!gate.isOpen && gate.answer(about: "a", board.now).status == 503)
    }

    @Test func `a dry run lets nobody through`() {
        let gate = CaptureGate(isDryRun: true)
        gate.open(for: "a", Timeline(2), until: .after(.seconds(60)))
        #expect(gate.answer(about: "a", board.now).status == 503)
    }

    @Test func `a yes is remembered, a no only that somebody asked`() {
        let gate = CaptureGate(isDryRun: false)
        let before = gate.questions
        #expect(before.askedAt == nil)
        _ = gate.answer(about: "a", board.now)
        #expect(gate.questions.askedAt != nil && gate.questions.saidYesAt == before.saidYesAt)
        gate.open(for: "a", Timeline(2))
        _ = gate.answer(about: "a", board.now)
        #expect(gate.questions.saidYesTo == "a" && gate.questions.saidYesAt > before.saidYesAt)
    }

    @Test func `whoever asks and was told yes a moment ago knows that the gate is open`() {
        let patience = CaptureGate.Questions.patience
        let told = CaptureGate.Questions(askedAt: 100, saidYesAt: 100, saidYesTo: "a")
        #expect(told.knowledge(of: "a", at: 99 + patience) == .knows)
        #expect(told.knowledge(of: "b", at: 100) == .doesNotKnow)
        #expect(told.knowledge(of: "a", at: 100 + patience) == .isNotThere)
        var asks = told
        asks.askedAt = 100 + patience
        #expect(asks.knowledge(of: "a", at: 100 + patience) == .doesNotKnow)
        #expect(CaptureGate.Questions(saidYesAt: 100).knowledge(of: nil, at: 100) == .isNotThere)
    }
}

struct GuardOrdersTests {
    @Test
    func `a repair is ordered of the active guard, for a timeline that has ended, once the gate is open`() {
        let (orders, board) = (GuardOrders(), GuardBoard())
        board.change { ($0.leader.timeline, $0.isActive) = (Timeline(3), true) }
        #expect(orders.repair("2", board.now).status == 409)
        board.change { $0.leader.cleared = Timeline(3) }
        #expect(orders.repair("3", board.now).status == 409)
        #expect(orders.repair("two", board.now).status == 400)
        #expect(orders.take() == .init())
        #expect(orders.repair("2", board.now).status == 202)
        board.change { $0.isActive = false }
        #expect(orders.repair("1", board.now).status == 409)
        #expect(orders.take() == .init(repair: Timeline(2)))
        #expect(orders.take() == .init())
    }

    @Test func `a gap is accepted for its own timeline, by the active guard`() {
        let (orders, board) = (GuardOrders(), GuardBoard())
        let gap = GuardDecision.Gap(from: LSN(rawValue: 1), to: nil, reason: "no slot")
        board.change { $0.held = .init(timeline: Timeline(3), gap: gap) }
        #expect(orders.accept("3", board.now).status == 409)
        board.change { $0.isActive = true }
        #expect(orders.accept("2", board.now).status == 409)
        #expect(orders.accept("three", board.now).status == 400)
        #expect(orders.take() == .init())
        #expect(orders.accept("3", board.now).status == 202)
        #expect(orders.take() == .init(accepted: Timeline(3)))
    }

    @Test func `an order for a gap that was cleared meanwhile is dropped, and one to repair waits`() {
        var known = GuardKnowledge()
        known.take(.init(accepted: Timeline(3), repair: Timeline(1)))
        #expect(known.accepted == nil && known.ordered == Timeline(1))
        known.held = Timeline(3)
        known.take(.init(accepted: Timeline(3)))
        #expect(known.accepted == Timeline(3) && known.ordered == Timeline(1))
        known.endHold()
        #expect(known.accepted == nil && known.held == nil)
    }
}

struct GuardBoardTests {
    @Test func `closing says why where the gate was said to be open, and else leaves the reason`() {
        var content = GuardBoard.Content()
        content.close("the leader has changed")
        #expect(content.decision == "nothing was looked at yet")
        content.decision = GuardBoard.Content.open
        content.close("the leader has changed")
        #expect(content.decision == "the leader has changed")
    }

    @Test func `the status is one object with all that is known`() {
        var content = GuardBoard.Content()
        content.leader = .init(node: "a", timeline: Timeline(3), cleared: Timeline(2))
        content.slot = .init(confirmed: LSN(rawValue: 0x10), retained: 7)
        content.connector = .init(state: "RUNNING", offset: LSN(rawValue: 0x20))
        content.held = .init(
            timeline: Timeline(3),
            gap: .init(from: LSN(rawValue: 0x20), to: nil, reason: "no slot")
        )
        content.failures = [.connect: "it is away"]
        let answer = HTTPAnswer.json(GuardStatus(content, isOpen: false, connector: "source"))
        let expected =
            #"{"active":false,"cleared_timeline":2,"connector":"source","connector_state":"RUNNING","#
            + #""decision":"nothing was looked at yet","gap":{"from":"0/20","reason":"no slot"},"gate":"closed","#
            + #""leader":"a","repairs_pending":0,"slot_confirmed":"0/10","slot_retained_bytes":7,"standbys":{},"#
            + #""stored_offset":"0/20","timeline":3,"unreachable":{"connect":"it is away"}}"# + "\n"
        #expect(answer.body == expected)
    }

    @Test func `a repair that ends while another look runs is seen as done, not as one to begin again`() async
    {
        let thread = RepairThread()
        let repair = GuardState.Repair(timeline: 2, fork: 0x1000, ends: [:])
        thread.start(repair) { _ in true }
        var progress = thread.progress
        while progress.isRunning {
            await Task.yield()
            progress = thread.progress
        }
        #expect(progress.done == [repair])
        thread.forget([repair])
        #expect(thread.progress.done.isEmpty)
    }

    @Test func `a repair that is stopped is not done`() async {
        let thread = RepairThread()
        thread.start(.init(timeline: 2, fork: 0x1000, ends: [:])) { signal in
            while !signal.isRequested { signal.sleep(.seconds(10)) }
            return false
        }
        #expect(thread.progress.isRunning)
        thread.stop()
        while thread.progress.isRunning { await Task.yield() }
        #expect(thread.progress.done.isEmpty)
    }
}
