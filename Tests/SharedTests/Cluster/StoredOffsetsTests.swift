import Foundation
import Shared
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
}
