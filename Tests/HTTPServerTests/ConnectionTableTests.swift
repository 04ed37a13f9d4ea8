// Longer than other files: each case is a state of the table with its event, and they are read beside each other.
import Testing

@testable import HTTPServer

@Suite struct ConnectionTableTests {
    private static let start = ContinuousClock.now
    private static let far = PeerAddress.ipv4(0x0a00_0001)
    private static let near = PeerAddress.ipv4(0x7f00_0001)

    private func limits(connections: Int = 4, perAddress: Int = 2, grace: Int = 5) -> HTTPLimits {
        var limits = HTTPLimits()
        (limits.connections, limits.connectionsPerAddress) = (connections, perAddress)
        (limits.headerDeadline, limits.bodyDeadline) = (.seconds(1), .seconds(2))
        (limits.answerDeadline, limits.idleDeadline) = (.seconds(3), .seconds(4))
        limits.grace = .milliseconds(grace)
        return limits
    }

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant {
        Self.start + .milliseconds(milliseconds)
    }

    /// Some clients' bytes are unread; the others have sent none.
    private func unread(_ areUnread: @escaping (Int32) -> Bool) -> ClientBytes {
        ClientBytes(areUnread: areUnread, received: { _ in 0 })
    }

    /// Nothing is unread.
    private func received(_ received: @escaping (Int32) -> UInt64?) -> ClientBytes {
        ClientBytes(areUnread: { _ in false }, received: received)
    }

    private func table(_ limits: HTTPLimits, of descriptors: Range<Int32>) -> ConnectionTable {
        var table = ConnectionTable(limits)
        for descriptor in descriptors {
            _ = table.admit(descriptor, through: .loopback, from: Self.near, at: at(Int(descriptor)))
            _ = table.start(descriptor)
        }
        return table
    }

    @Test(
        arguments: [
            (.head, 1_000), (.body, 2_000), (.answer, 3_000), (.idle, 4_000),
        ] as [(ConnectionTable.Phase, Int)]
    )
    func `each phase ends at its deadline, and once`(phase: ConnectionTable.Phase, milliseconds: Int) {
        var table = table(limits(), of: 0..<1)
        table.enter(phase, 0, at: at(500))
        #expect(table.sweep(at: at(500 + milliseconds - 1)) == [])
        #expect(table.sweep(at: at(500 + milliseconds)) == [0])
        #expect(table.sweep(at: at(500 + milliseconds)) == [])
        #expect(table.count == 0)
        #expect(!table.isEmpty)
        table.remove(0)
        #expect(table.isEmpty)
    }

    @Test func `one more takes the place of the longest waiter`() {
        var table = table(limits(), of: 0..<4)
        table.enter(.answer, 0, at: at(10))
        table.enter(.idle, 1, at: at(10))
        #expect(table.admit(9, through: .loopback, from: Self.near, at: at(20)) == [2])
        #expect(table.count == 4)
    }

    @Test func `those in the middle of something give way where they have half of the places`() {
        var table = table(limits(), of: 0..<4)
        table.enter(.body, 2, at: at(10))
        #expect(table.admit(10, through: .loopback, from: Self.near, at: at(20)) == [0])
        table.enter(.answer, 3, at: at(11))
        #expect(table.admit(11, through: .loopback, from: Self.near, at: at(21)) == [2])
        #expect(table.admit(12, through: .loopback, from: Self.near, at: at(22)) == [1])
        #expect(table.count == 4)
    }

    @Test func `bodies and answers that never end shut nobody out`() {
        var table = table(limits(), of: 0..<4)
        for descriptor in Int32(0)..<2 { table.enter(.answer, descriptor, at: at(10)) }
        for descriptor in Int32(2)..<4 { table.enter(.body, descriptor, at: at(11)) }
        #expect(table.isBusy)
        #expect(table.evictAllWaiting() == [])
        #expect(table.evictOldestWaiting() == [])
        #expect(table.admit(9, through: .loopback, from: Self.near, at: at(20)) == [0])
        #expect(table.start(9) == false)
        #expect(table.evictOldestWaiting() == [9])
    }

    @Test func `a question that the library has yet to read keeps its place`() {
        var table = table(limits(connections: 8), of: 0..<8)
        let asking: Set<Int32> = [0, 1, 3]
        func admit(_ descriptor: Int32) -> [Int32] {
            table.admit(
                descriptor,
                through: .loopback,
                from: Self.near,
                at: at(20),
                unread { asking.contains($0) }
            )
        }
        let evicted = (Int32(10)..<15).map(admit)
        #expect(evicted == [[2], [4], [5], [6], [7]])
        // Where all have asked, the oldest gives way, once there are too many.
        let all = (Int32(20)..<23).map { descriptor in
            table.admit(descriptor, through: .loopback, from: Self.near, at: at(30), unread { _ in true })
        }
        #expect(all == [[], [], [0]])
    }

    @Test func `a full table opens when the first client has had its time to ask`() {
        var table = table(limits(grace: 100), of: 0..<3)
        #expect(table.opening(at: at(3)) == nil)
        // This one waited for 40 ms in the kernel's queue.
        _ = table.admit(3, through: .loopback, from: Self.near, at: at(90), after: .milliseconds(40))
        #expect(table.opening(at: at(96)) == at(100))
        #expect(table.opening(at: at(100)) == nil)
        #expect(table.admit(4, through: .loopback, from: Self.near, at: at(100)) == [0])
        #expect(table.opening(at: at(101)) == nil)
        for descriptor in Int32(1)..<3 { table.remove(descriptor) }
        for descriptor in Int32(5)..<7 {
            _ = table.admit(descriptor, through: .loopback, from: Self.near, at: at(149))
        }
        #expect(table.opening(at: at(149)) == at(150))
        #expect(table.opening(at: at(150)) == nil)
    }

    @Test func `a full table of questions opens when they are read`() {
        var table = table(limits(), of: 0..<4)
        #expect(table.opening(at: at(500), unread { _ in true }) == at(505))
        #expect(table.opening(at: at(500), unread { $0 != 2 }) == nil)
    }

    @Test func `a full table with half of the places in the middle of something is open`() {
        var table = table(limits(), of: 0..<4)
        table.enter(.body, 0, at: at(4))
        table.enter(.body, 1, at: at(4))
        #expect(table.opening(at: at(5)) == nil)
    }

    @Test func `who has had no time to ask gives way last`() {
        var table = table(limits(grace: 100), of: 0..<3)
        table.enter(.idle, 1, at: at(200))
        _ = table.admit(3, through: .loopback, from: Self.near, at: at(120))
        _ = table.start(3)
        #expect(
            table.admit(4, through: .loopback, from: Self.near, at: at(201), unread { $0 != 3 && $0 != 1 })
                == [1]
        )
        let evicted = (Int32(5)..<7).map { descriptor in
            table.admit(descriptor, through: .loopback, from: Self.near, at: at(202), unread { $0 < 3 })
        }
        #expect(evicted == [[], [3]])
    }

    @Test func `a client that asks at the last moment keeps its place, and the next one makes up for it`() {
        var table = table(limits(grace: 100), of: 0..<4)
        let late: Set<Int32> = [0, 1]
        #expect(table.opening(at: at(101)) == nil)
        let first = table.admit(
            4,
            through: .loopback,
            from: Self.near,
            at: at(101),
            unread { late.contains($0) }
        )
        #expect(first == [])
        #expect(table.count == 5)
        #expect(table.opening(at: at(102), unread { late.contains($0) }) == at(103))
        #expect(table.opening(at: at(103), unread { late.contains($0) }) == nil)
        let next = table.admit(
            5,
            through: .loopback,
            from: Self.near,
            at: at(103),
            unread { late.contains($0) }
        )
        #expect(next == [2, 3])
        #expect(table.count == 4)
    }

    @Test(arguments: [7, nil] as [UInt64?])
    func `a question that was just read keeps its place until the library can tell`(count: UInt64?) {
        var table = table(limits(grace: 100), of: 0..<4)
        let bytes = received { $0 == 0 ? count : 0 }
        // All others are free to be taken before it.
        let others = (Int32(4)..<7).map {
            table.admit($0, through: .loopback, from: Self.near, at: at(200), bytes)
        }
        #expect(others == [[1], [2], [3]])
        #expect(table.opening(at: at(200), bytes) == at(205))
        #expect(table.opening(at: at(299), bytes) == at(300))
        #expect(table.admit(7, through: .loopback, from: Self.near, at: at(299), bytes) == [])
        // What its client sends from now on is no reason to wait for it again.
        let more = received { $0 == 0 ? 8 : 0 }
        #expect(table.opening(at: at(300), more) == nil)
        #expect(table.admit(8, through: .loopback, from: Self.near, at: at(300), more).first == 0)
    }

    @Test func `a question whose rest has yet to come keeps no place once the library has gone on`() {
        var table = table(limits(grace: 100), of: 0..<4)
        let bytes = received { $0 == 0 ? 7 : 0 }
        for descriptor in Int32(4)..<7 {
            _ = table.admit(descriptor, through: .loopback, from: Self.near, at: at(200), bytes)
        }
        #expect(table.opening(at: at(201), bytes) == at(206))
        table.remove(1)
        #expect(table.opening(at: at(201), bytes) == nil)
        #expect(table.admit(7, through: .loopback, from: Self.near, at: at(201), bytes) == [0])
    }

    @Test func `who was answered has a place for the next question only when some of it came`() {
        var table = table(limits(grace: 100), of: 0..<4)
        for descriptor in Int32(0)..<4 {
            table.enter(.answer, descriptor, at: at(10))
            table.enter(.idle, descriptor, at: at(10 + Int(descriptor)), received: 7)
        }
        let bytes = received { $0 == 0 ? 8 : 7 }
        #expect(table.admit(4, through: .loopback, from: Self.near, at: at(200), bytes) == [1])
        // The first line of another one was read.
        table.enter(.head, 2, at: at(210))
        #expect(table.admit(5, through: .loopback, from: Self.near, at: at(211), bytes) == [0])
        #expect(table.admit(6, through: .loopback, from: Self.near, at: at(211), bytes) == [3])
        #expect(table.opening(at: at(212), bytes) == at(217))
        table.enter(.answer, 5, at: at(213))
        #expect(table.opening(at: at(213), bytes) == nil)
    }

    @Test func `a question that is read late is no client's delay, for its time again`() {
        var table = table(limits(), of: 0..<2)
        let bytes = unread { $0 == 0 }
        #expect(table.sweep(at: at(1_001), bytes) == [1])
        #expect(table.sweep(at: at(1_999), bytes) == [])
        #expect(table.sweep(at: at(2_000), bytes) == [0])
        table = self.table(limits(), of: 0..<1)
        table.enter(.body, 0, at: at(0))
        #expect(table.sweep(at: at(2_000), bytes) == [0])
    }

    @Test func `what comes after a question whose answer is not taken keeps no place`() {
        var table = table(limits(), of: 0..<4)
        for descriptor in Int32(0)..<4 { table.enter(.answer, descriptor, at: at(10)) }
        let evicted = table.admit(9, through: .loopback, from: Self.near, at: at(20), unread { _ in true })
        #expect(evicted == [0])
    }

    @Test func `the only place there is changes hands`() {
        var table = table(limits(connections: 1), of: 0..<1)
        table.enter(.body, 0, at: at(1))
        #expect(table.admit(9, through: .loopback, from: Self.near, at: at(2)) == [0])
    }

    @Test func `an address that has its share displaces only its own`() {
        var table = table(limits(), of: 0..<1)
        #expect(table.admit(10, through: .network, from: Self.far, at: at(10)) == [])
        #expect(table.admit(11, through: .network, from: Self.far, at: at(11)) == [])
        #expect(table.start(10) == false)
        #expect(table.start(11) == false)
        #expect(table.admit(12, through: .network, from: Self.far, at: at(12)) == [10])
        table.enter(.body, 11, at: at(13))
        table.enter(.body, 12, at: at(13))
        #expect(table.admit(13, through: .network, from: Self.far, at: at(14)) == [11])
        #expect(table.admit(14, through: .network, from: .ipv4(0x0a00_0002), at: at(14)) == [])
    }

    @Test func `programs on this machine are not counted by address`() {
        for peer in [Self.near, .unix, .ipv6(network: 0, isLoopback: true)] {
            var table = ConnectionTable(limits(connections: 8))
            for descriptor in Int32(0)..<8 {
                #expect(table.admit(descriptor, through: .unix, from: peer, at: at(0)) == [])
            }
        }
    }

    @Test func `a connection that the library has yet to begin with is shut down when it does`() {
        var table = ConnectionTable(limits(connections: 1))
        #expect(table.admit(5, through: .loopback, from: Self.near, at: at(0)) == [])
        #expect(table.admit(6, through: .loopback, from: Self.near, at: at(10)) == [])
        #expect(table.start(5) == true)
        #expect(table.start(6) == false)
    }

    @Test func `a connection that the library closed without a word is forgotten`() {
        var table = ConnectionTable(limits(connections: 1))
        _ = table.admit(5, through: .loopback, from: Self.near, at: at(0))
        #expect(table.sweep(at: at(1_000)) == [])
        #expect(table.isEmpty)
        // Late, it comes to life: nothing is known of it, so it ends.
        #expect(table.start(5) == true)
        _ = table.admit(5, through: .unix, from: .unix, at: at(2_000))
        _ = table.admit(5, through: .loopback, from: Self.near, at: at(2_001))
        #expect(table.count == 1)
        #expect(table.door(of: 5) == .loopback)
    }

    @Test func `a flood is taken in step with the library`() {
        var table = table(limits(connections: 8), of: 0..<8)
        #expect(table.slack == 2)
        _ = table.admit(20, through: .loopback, from: Self.near, at: at(20))
        #expect(!table.isCongested)
        _ = table.admit(21, through: .loopback, from: Self.near, at: at(21))
        #expect(table.isCongested)
        table.remove(0)
        #expect(!table.isCongested)
    }

    @Test func `at the end those who wait are sent away`() {
        var table = table(limits(), of: 0..<4)
        table.enter(.answer, 1, at: at(10))
        table.enter(.idle, 2, at: at(10))
        #expect(table.evictAllWaiting().sorted() == [0, 2, 3])
        #expect(table.isBusy)
        table.enter(.idle, 1, at: at(20))
        #expect(!table.isBusy)
        #expect(table.evictAllWaiting() == [1])
    }

    @Test func `place is made by force for the longest waiter's cost`() {
        var table = table(limits(), of: 0..<3)
        table.enter(.answer, 0, at: at(10))
        #expect(table.evictOldestWaiting() == [1])
        #expect(table.evictOldestWaiting() == [2])
        #expect(table.evictOldestWaiting() == [])
    }

    @Test func `an unknown connection may do the least`() {
        #expect(ConnectionTable(limits()).door(of: 3) == .network)
    }
}
