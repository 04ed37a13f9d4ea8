import Model
import Testing

@testable import Guard

struct GuardStateTests {
    static let repair = GuardState.Repair(timeline: 2, fork: 0x1000, ends: ["source.public.t/0": 7])

    @Test func `what is stored is what is read`() {
        let state = GuardState(cleared: 2, hasStopped: true, repairs: [Self.repair])
        #expect(GuardState(text: state.text) == state)
        #expect(GuardState(text: "{}}") == nil)
    }

    @Test func `what an older version has stored is read, with no kind of slot`() throws {
        let text = #"{"cleared":2,"hasStopped":false,"isVacant":false,"repairs":[]}"#
        #expect(try #require(GuardState(text: text)) == GuardState(cleared: 2))
    }

    @Test func `the kind of the former slot outlives a leader that has not heard of it`() {
        let kind = GuardState.SlotKind(isTwoPhase: true, isFailover: true)
        let memory = GuardState(cleared: 2, slot: kind)
        #expect(memory.merged(with: GuardState(cleared: 2)).slot == kind)
        #expect(GuardState(cleared: 1).merged(with: memory).slot == kind)
        #expect(GuardState(text: memory.text) == memory)
    }

    @Test func `a connector whose slots are for failover says so`() throws {
        let plain = [
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector", "topic.prefix": "source",
        ]
        #expect(try !ConnectorFacts(plain).isFailoverSlot)
        #expect(try ConnectorFacts(plain.merging(["slot.failover": "true"]) { $1 }).isFailoverSlot)
    }

    @Test func `a clearance that the next leader does not have is remembered`() {
        let memory = GuardState(cleared: 2, repairs: [Self.repair])
        #expect(memory.merged(with: GuardState(cleared: 1)) == memory)
    }

    @Test func `what another guard has stored since is taken over`() {
        let stored = GuardState(cleared: 3, repairs: [])
        #expect(GuardState(cleared: 2).merged(with: stored) == stored)
    }

    @Test func `a repair that was done does not come back`() {
        let memory = GuardState(cleared: 2, repairs: [Self.repair])
        #expect(memory.merged(with: GuardState(cleared: 2)).repairs.isEmpty)
    }

    @Test func `a clearance of another branch of the same number counts for nothing but its fork`() {
        let memory = GuardState(cleared: 2, fork: 0x1000)
        let same = memory.known(on: Timeline(2), stored: memory)
        #expect(same.cleared == Timeline(2) && same.bound == nil)
        let other = memory.known(on: Timeline(2), stored: GuardState(cleared: 1))
        #expect(other.cleared == Timeline(1) && other.bound == LSN(rawValue: 0x1000))
        let unknown = memory.known(on: Timeline(2), stored: nil)
        #expect(unknown.cleared == nil && unknown.bound == LSN(rawValue: 0x1000))
        // The leader of a later timeline need not have heard of it: what is in memory is right then.
        let later = memory.known(on: Timeline(3), stored: GuardState(cleared: 1))
        #expect(later.cleared == Timeline(2) && later.bound == nil)
    }

    @Test func `where no connector ever was, failovers go by; where one was, its offsets count`() {
        #expect(GuardState().allowsVacancy(on: Timeline(1)))
        #expect(GuardState(cleared: 1, isVacant: true).allowsVacancy(on: Timeline(2)))
        #expect(!GuardState(cleared: 1).allowsVacancy(on: Timeline(2)))
        #expect(GuardState(cleared: 2).allowsVacancy(on: Timeline(2)))
    }

    @Test func `a connector that this guard has stopped is resumed, whatever the leader knows`() {
        #expect(GuardState(cleared: 1, hasStopped: true).merged(with: GuardState(cleared: 1)).hasStopped)
    }

    @Test func `restarts wait longer from one failure to the next, and begin anew after a recovery`() {
        var restarts = RestartSchedule()
        #expect(restarts.isDue(at: 5))
        restarts.restarted(at: 0)
        #expect(!restarts.isDue(at: 999_999_999))
        #expect(restarts.isDue(at: 1_000_000_000))
        restarts.restarted(at: 0)
        #expect(!restarts.isDue(at: 1_999_999_999))
        restarts.see(isRunning: true, at: 0)
        restarts.see(isRunning: true, at: 10_000_000_000)
        restarts.restarted(at: 0)
        #expect(restarts.isDue(at: 1_000_000_000))
    }
}
