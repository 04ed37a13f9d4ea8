import Testing

@testable import Writer

@Suite struct ScheduleTests {
    @Test func `the workers together begin every write of the rate once, in its turn`() {
        var schedules = (0..<4).map { Schedule(rate: 1_000, start: 5_000_000, worker: $0, workerCount: 4) }
        let starts = (0..<12).map { schedules[$0 % 4].takeNext(now: 0) }
        #expect(starts == (0..<12).map { 5_000_000 + UInt64($0) * 1_000_000 })
    }

    @Test func `a late worker finds the writes of an outage still due`() {
        var schedule = Schedule(rate: 10, start: 0, worker: 0, workerCount: 1)
        let now: UInt64 = 2_000_000_000
        #expect(schedule.backlogCount(now: now) == 21)
        #expect(schedule.takeNext(now: now) == 0)
        #expect(schedule.takeNext(now: now) == 100_000_000)
        #expect(schedule.backlogCount(now: now) == 19)
    }

    @Test(arguments: 0..<3)
    func `the backlogs of all workers add up`(_ missing: Int) {
        let now = UInt64(10 - missing) * 100_000_000
        let backlog = (0..<3).map {
            Schedule(rate: 10, start: 0, worker: $0, workerCount: 3).backlogCount(now: now)
        }
        #expect(backlog.reduce(0, +) == 11 - missing)
    }

    @Test func `nothing is due before the start`() {
        #expect(Schedule(rate: 10, start: 1_000, worker: 0, workerCount: 1).backlogCount(now: 999) == 0)
    }

    @Test func `rates that do not divide a second do not drift`() {
        var schedule = Schedule(rate: 3, start: 0, worker: 0, workerCount: 1)
        let starts = (0..<3_001).map { _ in schedule.takeNext(now: 0) }
        #expect(starts.last == 1_000_000_000_000)
    }

    @Test func `a closed loop is due when it asks and has no backlog`() {
        var schedule = Schedule(rate: nil, start: 100, worker: 2, workerCount: 4)
        #expect(schedule.takeNext(now: 50) == 100)
        #expect(schedule.takeNext(now: 500) == 500)
        #expect(schedule.backlogCount(now: 1_000_000) == 0)
    }

    @Test func `dropping gives up what is more than a second late, and counts it`() {
        var schedule = Schedule(rate: 10, start: 0, worker: 0, workerCount: 1, backlog: .drop)
        let (first, second) = (schedule.takeNext(now: 0), schedule.takeNext(now: 900_000_000))
        #expect([first, second] == [0, 100_000_000])
        #expect(schedule.missedCount == 0)
        // Those due from 0.2 to 4.0 s.
        let third = schedule.takeNext(now: 5_000_000_000)
        #expect(third == 4_100_000_000)
        #expect(schedule.missedCount == 39)
        let backlog = schedule.backlogCount(now: 5_000_000_000)
        #expect(2 + 39 + 1 + backlog == 51)
    }

    @Test func `a write that was begun is given up only when dropping, and once late`() {
        var queue = Schedule(rate: 10, start: 0, worker: 0, workerCount: 1)
        let queued = queue.givesUp(0, now: 9_000_000_000)
        var drop = Schedule(rate: 10, start: 0, worker: 0, workerCount: 1, backlog: .drop)
        let early = drop.givesUp(0, now: 1_000_000_000)
        let late = drop.givesUp(0, now: 1_000_000_001)
        #expect([queued, early, late] == [false, false, true])
        #expect(drop.missedCount == 1)
    }
}
