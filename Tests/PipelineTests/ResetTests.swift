import Foundation
import Testing

extension PipelineTests {
    @Test(arguments: ["reset_plain", "Bestellungen_äöü", "顧客", String(repeating: "long_name_", count: 9)])
    func `progress is not reset beside a sink that runs, whatever its name`(sink: String) async throws {
        let name = "reset_" + String(sink.utf8.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) })
        let own = try TopicSink(
            lab,
            name,
            sink: sink,
            tables: "create table \(name) (id int primary key, v int)"
        )
        try own.produce([("{\"id\":1}", "{\"id\":1,\"v\":1}"), ("{\"id\":2}", "{\"id\":2,\"v\":2}")])
        let program = try own.start()
        defer { program.discard() }
        try await program.until("the records are applied", within: .seconds(60)) { try own.applied() == 2 }
        let path = try own.file()
        let refused = try own.run("reset", path, "--to", "earliest", "--yes")
        #expect(refused.code == 1 && refused.output.contains("is at work"), "\(refused.output)")
        #expect(try own.applied() == 2)
        #expect(try await program.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))
        let done = try own.run("reset", path, "--to", "earliest", "--yes")
        #expect(done.code == 0, "\(done.output)")
        #expect(try own.applied() == 0)
        try own.query("drop table \(name)")
    }
}
