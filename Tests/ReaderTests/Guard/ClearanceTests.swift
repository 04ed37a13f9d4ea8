// Longer than other files: the ways of a clearance are one table.
import Model
import Slots
import Testing

@testable import Guard

private func lsn(_ value: UInt64) -> LSN { LSN(rawValue: value) }

private let fork = lsn(0x1000)
private let repair = GuardState.Repair(timeline: 2, fork: 0x1000, ends: ["t/0": 7])
private let idle = GuardSituation.Slot.at(confirmed: lsn(0x800), isStreaming: false)

/// A leader on timeline 2 that forked at 0x1000, with timeline 1 cleared.
private func seen(
    offset: UInt64? = 0x1800,
    slot: GuardSituation.Slot = idle,
    isFinal: Bool = true,
    isAccepted: Bool = false,
    cleared: UInt32? = 1
) -> Clearance.Answer {
    .seen(
        GuardSituation(
            timeline: Timeline(2),
            forks: [Timeline(1): fork],
            cleared: cleared.map { Timeline($0) },
            offset: offset.map(lsn),
            isOffsetFinal: isFinal,
            slot: slot,
            isGapAccepted: isAccepted
        )
    )
}

private func cleared(_ reason: String, repair: GuardState.Repair? = repair) -> Clearance.Step {
    .clear(.init(reason: reason, branch: fork, repair: repair))
}

private let moved = "the stored offset was moved back to the fork \(fork)"
private let passed = "the stored offset 0/900 is at or before the fork \(fork)"
private let warm = Clearance.Answer.proven(.warm(lsn(0x100)))
private let gap = GuardDecision.Gap(from: fork, to: nil, reason: "the leader has no slot of this name")
private let late = GuardDecision.Gap(
    from: fork,
    to: lsn(0x1500),
    reason: "the slot begins after the end of what was captured"
)
private let lateSlot = GuardSituation.Slot.at(confirmed: lsn(0x1500), isStreaming: false)
private let lost = "the changes from \(fork) to where a new slot begins are lost to the stream"
/// The gap waits for a person.
private let waits = Clearance.Step.hold(
    .init(
        gap: gap,
        text: "\(gap.reason): \(lost); capture waits: accept it with POST /clear/2, or repair the slot"
    )
)

/// A whole way: each step, and what comes of it.
struct Way: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var beginning: Clearance.Beginning
    var filling: Clearance.Filling
    var steps: [(step: Clearance.Step, answer: Clearance.Answer)]

    init(
        _ description: String,
        _ beginning: Clearance.Beginning = .timeline,
        filling: Clearance.Filling = .person,
        steps: [(Clearance.Step, Clearance.Answer)]
    ) {
        (testDescription, self.beginning, self.filling) = (description, beginning, filling)
        self.steps = steps.map { (step: $0.0, answer: $0.1) }
    }
}

private let proof: [(Clearance.Step, Clearance.Answer)] = [
    (.look, seen()), (.prove(at: fork), warm), (.look, seen()),
]
private let ending: [(Clearance.Step, Clearance.Answer)] = [
    (.noteEnds(fork: fork), .ends(repair)), (cleared(moved), .done), (.resume, .done),
]
private let goesOn = "goes on at 0/1600, without the changes from \(fork) on"
private let made: [(Clearance.Step, Clearance.Answer)] = [
    (.look, seen(slot: .missing, isAccepted: true)),
    (.makeSlot(replaces: false), .made(begin: lsn(0x1600))),
    (.stop, .stopped(offset: lsn(0x1800))),
    (.readSlot(for: lsn(0x1600)), .slot(.ready)),
    (.move(from: lsn(0x1800), to: lsn(0x1600), isGap: true), .done),
]

private let ways: [Way] = [
    Way(
        "the last task ends, the slot is proven, the offset goes back, the timeline is cleared",
        steps: [
            (.look, seen(isFinal: false)),
            (
                .readTasks,
                .tasks([.init(id: 0, hasFailed: false), .init(id: 1, hasFailed: true)], isStopped: false)
            ),
            (.restart([0]), .done),
        ] + proof + [
            (.stop, .stopped(offset: lsn(0x1801))),
            (.readSlot(for: fork), .slot(.ready)),
            (.move(from: lsn(0x1801), to: fork, isGap: false), .done),
        ] + ending
    ),
    Way(
        "an offset before the fork stays where it is",
        steps: [
            (.look, seen(offset: 0x900)),
            (.prove(at: lsn(0x900)), warm),
            (.look, seen(offset: 0x900)),
            (.noteEnds(fork: fork), .ends(repair)),
            (cleared(passed), .done),
            (.resume, .done),
        ]
    ),
    Way(
        "without a connector there is nothing to repair",
        steps: [
            (.look, seen(offset: 0x900)),
            (.prove(at: lsn(0x900)), warm),
            (.look, seen(offset: 0x900)),
            (.noteEnds(fork: fork), .ends(nil)),
            (cleared(passed, repair: nil), .done),
            (.resume, .done),
        ]
    ),
    Way(
        "a timeline that was cleared before is cleared without a repair",
        steps: [
            (.look, seen(cleared: 2)),
            (.clear(.init(reason: "the timeline was cleared before")), .done),
            (.resume, .done),
        ]
    ),
    Way(
        "a connector without a task is waited for",
        steps: [
            (.look, seen(isFinal: false)),
            (.readTasks, .tasks([], isStopped: false)),
            (.refuse("the connector has no task yet"), .done),
        ]
    ),
    Way(
        "a connector that is stopped has no task that could move the offset",
        steps: [
            (.look, seen(isFinal: false)),
            (.readTasks, .tasks([], isStopped: true)),
            (.restart([]), .done),
            (.look, seen(offset: 0x900)),
            (.prove(at: lsn(0x900)), .proven(.cold)),
            (.look, seen(offset: 0x900)),
            (
                .hold(
                    .init(
                        gap: .init(
                            from: lsn(0x900),
                            to: nil,
                            reason: DecodingStart.cold.objection ?? "",
                            isSlotUnfit: true
                        ),
                        text:
                            "\(DecodingStart.cold.objection ?? ""): the changes from 0/900 to where a new slot begins "
                            + "are lost to the stream; capture waits: accept it with POST /clear/2, or repair the slot"
                    )
                ), .done
            ),
        ]
    ),
    Way(
        "an offset that a stop brought before the fork is decided on anew, with a new proof",
        steps: proof + [
            (.stop, .stopped(offset: lsn(0x900))),
            (.look, seen(offset: 0x900)),
            (.prove(at: lsn(0x900)), warm),
            (.look, seen(offset: 0x900)),
            (.noteEnds(fork: fork), .ends(repair)),
            (cleared(passed), .done),
            (.resume, .done),
        ]
    ),
    Way(
        "a slot that was moved past the fork meanwhile is decided on anew",
        steps: proof + [
            (.stop, .stopped(offset: lsn(0x1800))),
            (.readSlot(for: fork), .slot(.changed)),
            (.look, seen(slot: lateSlot)),
            (
                .hold(
                    .init(
                        gap: late,
                        text:
                            "\(late.reason): the changes from \(fork) to 0/1500 are lost to the stream; capture "
                            + "waits: accept it with POST /clear/2, or repair the slot"
                    )
                ), .done
            ),
        ]
    ),
    Way(
        "a slot that something reads past the gate keeps the offset where it is",
        steps: proof + [
            (.stop, .stopped(offset: lsn(0x1800))),
            (.readSlot(for: fork), .slot(.isRead(by: 77))),
            (
                .refuse(
                    "the connector is stopped, and the leader's process 77 still reads its slot past the gate: end it, "
                        + "and let it connect through HAProxy's listener for capture; capture waits"
                ), .done
            ),
        ]
    ),
    Way(
        "a gap waits for a person",
        steps: [
            (.look, seen(slot: .missing)),
            (waits, .done),
        ]
    ),
    Way(
        "a gap that a snapshot fills is accepted from the next look on",
        filling: .snapshot,
        steps: [
            (.look, seen(slot: .missing)),
            (.hold(.init(gap: gap, text: "\(gap.reason): \(lost)", isFilled: true)), .done),
        ]
    ),
    Way(
        "no snapshot fills a gap where the connector takes no signals",
        filling: .noSignals,
        steps: [
            (.look, seen(slot: .missing)),
            (
                .hold(
                    .init(
                        gap: gap,
                        text:
                            "\(gap.reason): \(lost); capture waits: the connector has no signal.data.collection, so no "
                            + "snapshot can be asked for"
                    )
                ), .done
            ),
        ]
    ),
    Way(
        "an accepted gap without a slot: one is made, and the offset goes to where it begins",
        steps: made + [
            (.noteEnds(fork: fork), .ends(repair)),
            (cleared(goesOn), .done),
            (.resume, .done),
        ]
    ),
    Way(
        "a snapshot is asked for after the offset was moved, and before the gate opens",
        filling: .snapshot,
        steps: made + [
            (.requestSnapshot(from: fork, to: lsn(0x1600)), .done),
            (.noteEnds(fork: fork), .ends(repair)),
            (cleared(goesOn), .done),
            (.resume, .done),
        ]
    ),
    Way(
        "an accepted gap whose slot changes meanwhile waits for the next look",
        steps: [
            (.look, seen(slot: .missing, isAccepted: true)),
            (.makeSlot(replaces: false), .made(begin: lsn(0x1600))),
            (.stop, .stopped(offset: lsn(0x1800))),
            (.readSlot(for: lsn(0x1600)), .slot(.changed)),
        ]
    ),
    Way(
        "a gap on a cleared timeline is held",
        .gap(gap, isAccepted: false),
        steps: [
            (waits, .done)
        ]
    ),
    Way(
        "a gap on a cleared timeline that is accepted repairs nothing",
        .gap(late, isAccepted: true),
        steps: [
            (.stop, .stopped(offset: fork)),
            (.readSlot(for: lsn(0x1500)), .slot(.ready)),
            (.move(from: fork, to: lsn(0x1500), isGap: true), .done),
            (.clear(.init(reason: "goes on at 0/1500, without the changes from \(fork) on")), .done),
            (.resume, .done),
        ]
    ),
    Way(
        "a connector that is not there yet finds the gate open",
        .vacancy(connector: "source", cleared: nil, end: lsn(0x2000)),
        steps: [(.clear(.init(reason: "there is no connector source yet")), .done), (.resume, .done)]
    ),
    Way(
        "offsets that may be left of a connector are a person's matter",
        .vacancy(connector: "source", cleared: Timeline(1), end: lsn(0x2000)),
        steps: [
            (
                .hold(
                    .init(
                        gap: .init(from: lsn(0x2000), to: nil, reason: "there is no connector"),
                        text:
                            "there is no connector source, but offsets may be left from timeline 1: delete them, then "
                            + "POST /clear/2",
                        isLoss: false
                    )
                ), .done
            )
        ]
    ),
]

struct ClearanceTests {
    @Test(arguments: ways) func `each way leads from its situation to its end`(_ way: Way) {
        var clearance = Clearance(of: Timeline(2), filling: way.filling)
        var step = clearance.begin(way.beginning)
        for (number, each) in way.steps.enumerated() {
            guard step == each.step else {
                Issue.record("step \(number) is \(step) instead of \(each.step)")
                return
            }
            step = clearance.next(after: each.answer)
        }
        #expect(step == .end)
    }

    @Test func `a situation that changes at every look is left to the next look after five`() {
        var clearance = Clearance(of: Timeline(2), filling: .person)
        var step = clearance.begin(.timeline)
        var looks = 0
        while step == .look, looks < 10 {
            looks += 1
            step = clearance.next(after: seen(isFinal: false))
            #expect(step == .readTasks)
            step = clearance.next(after: .tasks([.init(id: 0, hasFailed: false)], isStopped: false))
            step = clearance.next(after: .done)
        }
        #expect(step == .end && looks == Clearance.lookLimit)
    }

    @Test func `what came of another step ends the way, and nothing is done`() {
        var clearance = Clearance(of: Timeline(2), filling: .person)
        _ = clearance.begin(.timeline)
        #expect(clearance.next(after: .done) == .end)
        #expect(clearance.next(after: seen()) == .end)
    }

    @Test func `the decision of the last look is what is shown`() {
        var clearance = Clearance(of: Timeline(2), filling: .person)
        _ = clearance.begin(.timeline)
        #expect(clearance.decision == nil)
        _ = clearance.next(after: seen(slot: .missing))
        #expect(clearance.decision?.text(on: Timeline(2)) == gap.text)
    }
}

struct GuardTurnTests {
    private static func facts(change: (inout GuardTurn.Facts) -> Void = { _ in }) -> GuardTurn.Facts {
        var now = GuardTurn.Facts(
            timeline: Timeline(2),
            written: lsn(0x2000),
            isActive: true,
            hasConnector: true,
            connector: "source",
            state: GuardState(cleared: 2),
            stored: GuardState(cleared: 2)
        )
        change(&now)
        return now
    }

    private static let vacancy = Clearance.Beginning.vacancy(
        connector: "source",
        cleared: nil,
        end: lsn(0x2000)
    )

    @Test(arguments: [
        (facts(), GuardTurn.keep),
        (facts { $0.hasConnector = false }, .keep),
        (facts { $0.isActive = false }, .standBy),
        // Another leader of that number: its table does not have the clearance.
        (facts { $0.stored = GuardState(cleared: 1) }, .clear(.timeline)),
        (facts { $0.stored = nil }, .clear(.timeline)),
        (
            facts { ($0.state, $0.stored) = (GuardState(cleared: 1), GuardState(cleared: 1)) },
            .clear(.timeline)
        ),
        (facts { ($0.state, $0.stored, $0.hasConnector) = (GuardState(), nil, false) }, .clear(vacancy)),
        (
            facts { ($0.state, $0.hasConnector) = (GuardState(cleared: 1), false) },
            .clear(.vacancy(connector: "source", cleared: Timeline(1), end: lsn(0x2000)))
        ),
        (
            facts { ($0.state, $0.hasConnector) = (GuardState(cleared: 1, isVacant: true), false) },
            .clear(vacancy)
        ),
        (
            facts {
                ($0.state, $0.hasConnector) = (GuardState(cleared: 1), false)
                $0.accepted = Timeline(2)
            },
            .clear(vacancy)
        ),
    ])
    func `a look leads to one turn`(_ now: GuardTurn.Facts, _ expected: GuardTurn) {
        #expect(GuardTurn(now) == expected)
    }
}

struct UpkeepTests {
    @Test func `a cleared timeline asks for what is open, the connector's run first`() {
        #expect(Upkeep.steps(.init()).isEmpty)
        let all = Upkeep.Facts(
            hasStopped: true,
            done: [repair],
            ordered: Timeline(1),
            isRepairDue: true,
            isCheckDue: true
        )
        #expect(Upkeep.steps(all) == [.resume, .forget([repair]), .note(Timeline(1)), .repair, .check])
        #expect(Upkeep.steps(.init(isCheckDue: true)) == [.check])
    }
}
