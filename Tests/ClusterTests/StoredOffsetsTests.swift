import Cluster
import Foundation
import Model
import Testing

struct StoredOffsetsTests {
    static let text = """
        {"offsets":[{"partition":{"server":"source"},"offset":{"lsn_proc":1200,"messageType":"UPDATE",\
        "lsn_commit":1100,"lsn":1200,"txId":7,"ts_usec":1795263572379560,"last":true,"none":null}}]}
        """

    private func offsets() throws -> StoredOffsets {
        try JSONDecoder().decode(StoredOffsets.self, from: Data(Self.text.utf8))
    }

    @Test func `the furthest position counts`() throws {
        #expect(try offsets().furthest == LSN(rawValue: 1200))
        #expect(StoredOffsets(offsets: []).furthest == nil)
    }

    @Test func `positions move and nothing else changes`() throws {
        let moved = try offsets().moved(to: LSN(rawValue: 1000))
        var expected = try offsets()
        for name in ["lsn", "lsn_proc", "lsn_commit"] { expected.offsets[0].offset?[name] = .integer(1000) }
        #expect(moved == expected)
        #expect(moved.offsets[0].offset?["last"] == .bool(true))
        #expect(moved.offsets[0].offset?["ts_usec"] == .integer(1_795_263_572_379_560))
    }

    @Test func `a position before the place stays where it is`() throws {
        let lowered = try offsets().lowered(to: LSN(rawValue: 1150))
        var expected = try offsets()
        for name in ["lsn", "lsn_proc"] { expected.offsets[0].offset?[name] = .integer(1150) }
        #expect(lowered == expected)
        #expect(try offsets().lowered(to: LSN(rawValue: 5000)) == offsets())
    }

    @Test func `a count of events at a position goes with the position`() throws {
        var stored = try offsets()
        stored.offsets[0].offset?["lsn_events_processed"] = .integer(3)
        #expect(stored.lowered(to: LSN(rawValue: 5000)) == stored)
        #expect(try stored.moved(to: LSN(rawValue: 1000)) == offsets().moved(to: LSN(rawValue: 1000)))
    }

    @Test(
        arguments: [
            (nil, false), (.null, false), (.text(""), false), (.text("[]"), false),
            (.text(#"[{"incremental_snapshot_collections_id":"public.t"}]"#), true),
        ] as [(JSONValue?, Bool)]
    )
    func `a snapshot is open as long as something is left of it`(left: JSONValue?, isOpen: Bool) throws {
        var stored = try offsets()
        stored.offsets[0].offset?["incremental_snapshot_collections"] = left
        #expect(stored.hasOpenSnapshot == isOpen)
    }

    @Test func `only the entry of the connector's own prefix counts`() throws {
        let own = try #require(try offsets().offsets.first)
        func entry(_ partition: [String: JSONValue]) -> StoredOffsets.Entry {
            var other = own
            (other.partition, other.offset) = (partition, ["lsn": .integer(9000)])
            return other
        }
        let all = StoredOffsets(offsets: [
            entry(["server": .text("source.eu")]), own, entry(["server": .text("former")]),
            entry(["server": .text("source"), "database": .text("other")]), entry([:]),
        ])
        #expect(all.of(server: "source") == StoredOffsets(offsets: [own]))
        #expect(all.of(server: "source").furthest == LSN(rawValue: 1200))
        #expect(all.of(server: "none").furthest == nil)
    }
}
