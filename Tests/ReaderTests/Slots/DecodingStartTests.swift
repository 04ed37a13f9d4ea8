import Model
import Postgres
import Testing

@testable import Slots

private let restart = LSN(rawValue: 0x44A_5138)

/// What PostgreSQL 15 to 18 say while they decode; message and detail may be in any language.
private func found(_ place: String, _ detail: String, in function: String = "SnapBuildFindSnapshot") -> Notice
{
    said("logical decoding found something at \(place)", detail, in: function)
}

private func said(_ words: String, _ detail: String, in function: String) -> Notice {
    Notice(
        severity: "LOG",
        sqlState: "00000",
        message: "",
        words: words,
        function: function,
        detailHasDigits: detail.utf8.contains { (0x30...0x39).contains($0) }
    )
}

private let start = said(
    "starting logical decoding for slot \"s\"",
    "Streaming transactions committing after 0/45C8440, reading WAL from 0/44A5138.",
    in: "CreateDecodingContext"
)
private let waiting = found("0/45BE5D8", "Waiting for transactions (approximately 5) older than 1234 to end.")

struct DecodingStartTests {
    @Test func `without a consistent point a slot is cold`() {
        #expect(DecodingStart([], restart: restart) == .cold)
        #expect(DecodingStart([start, waiting, waiting], restart: restart) == .cold)
    }

    @Test func `consistent is where nothing is waited for any more`() {
        let none = found("0/46A4C88", "There are no old transactions anymore.")
        #expect(
            DecodingStart([start, waiting, none], restart: restart) == .warm(LSN(rawValue: 0x46A_4C88))
        )
    }

    @Test func `a saved snapshot counts where it is of the slot's own place`() {
        let own = found(
            "0/44A5138",
            "Logical decoding will begin using saved snapshot.",
            in: "SnapBuildRestore"
        )
        let later = found(
            "0/45BE5D8",
            "Logical decoding will begin using saved snapshot.",
            in: "SnapBuildRestore"
        )
        #expect(DecodingStart([start, own], restart: restart) == .warm(restart))
        #expect(DecodingStart([start, later], restart: restart) == .partial(LSN(rawValue: 0x45B_E5D8)))
    }

    @Test func `the server's language does not matter`() {
        let waits = said(
            "Logische Dekodierung fand initialen Startpunkt bei 0/45BE5D8",
            "Warten auf Abschluss der Transaktionen (ungefähr 5), die älter als 1234 sind.",
            in: "SnapBuildFindSnapshot"
        )
        let done = said(
            "論理デコードは0/46A4C88で一貫性ポイントを見つけました",
            "古いトランザクションはこれ以上はありません",
            in: "SnapBuildFindSnapshot"
        )
        #expect(DecodingStart([waits], restart: restart) == .cold)
        #expect(DecodingStart([waits, done], restart: restart) == .warm(LSN(rawValue: 0x46A_4C88)))
    }

    @Test func `a snapshot's file is named as PostgreSQL names it`() {
        #expect(restart.snapshotFile == "0-44A5138.snap")
        #expect(LSN(rawValue: 0x1F_0000_0060).snapshotFile == "1F-60.snap")
    }

    @Test func `only what is no proof has an objection`() {
        #expect(DecodingStart.warm(restart).objection == nil)
        for other in [DecodingStart.cold, .partial(restart), .unknown("x")] {
            #expect(other.objection != nil)
        }
    }
}
