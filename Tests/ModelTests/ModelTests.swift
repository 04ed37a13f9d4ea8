import Model
import Testing

struct LSNTests {
    @Test(
        arguments: [("0/0", 0), ("0/479C430", 0x479C430), ("16/B374D848", 0x16_B374_D848)]
            as [(String, UInt64)]
    )
    func `an LSN reads as PostgreSQL prints it`(text: String, value: UInt64) throws {
        let lsn = try #require(LSN(text))
        #expect(lsn.rawValue == value)
        #expect(lsn.description == text)
    }

    @Test(arguments: ["", "16", "16/", "/B3", "16/B3/1", "x/1", "123456789/0", "-1/0"])
    func `what is no LSN is refused`(text: String) {
        #expect(LSN(text) == nil)
    }

    @Test func `LSNs order by both halves`() throws {
        #expect(try #require(LSN("0/FFFFFFFF")) < #require(LSN("1/0")))
    }
}

struct TimelineTests {
    @Test func `a timeline is the first eight digits of a WAL file's name`() {
        #expect(Timeline(walFileName: "0000000A0000000000000003") == Timeline(10))
        #expect(Timeline(walFileName: "0000000A") == nil)
        #expect(Timeline(walFileName: "0000000Z0000000000000003") == nil)
    }
}

struct DeadlineTests {
    @Test func `a deadline that has passed leaves no time, one that never comes waits for ever`() {
        #expect(Deadline(monotonic: 0).hasPassed)
        #expect(Deadline(monotonic: 0).remainingMilliseconds == 0)
        #expect(Deadline.never.remainingMilliseconds == -1)
        #expect((1...60_000).contains(Deadline.after(.seconds(60)).remainingMilliseconds))
    }
}
