import Model
import Testing

@testable import Slots

struct TimelineHistoryTests {
    @Test func `a history file tells where each timeline ended`() {
        let text = "1\t0/40A7EA8\tno recovery target specified\n\n# a comment\n2\t1/42C5258\tno recovery\n"
        #expect(
            TimelineHistory.parse(text)
                == [Timeline(1): LSN(rawValue: 0x40A7EA8), Timeline(2): LSN(rawValue: 0x1_042C_5258)]
        )
        #expect(TimelineHistory.parse("") == [:])
    }

    @Test(arguments: ["1", "1\t0/XYZ\twhy", "one\t0/1\twhy", "é\t0/1", "-1 0/1", "1\t0/40A7EA8\n2\t"])
    func `what is no history file is not guessed at`(text: String) {
        #expect(TimelineHistory.parse(text) == nil)
    }

    @Test func `the file of a timeline has eight hexadecimal digits`() {
        #expect(TimelineHistory.path(of: Timeline(2)) == "pg_wal/00000002.history")
        #expect(TimelineHistory.path(of: Timeline(0x1AB)) == "pg_wal/000001AB.history")
    }
}
