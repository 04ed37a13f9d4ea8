import Foundation
import Testing

extension PipelineTests {
    /// The records come to 1.2 GB; a batch of the default number of them is more than a message of the protocol holds.
    @Test
    func `1,300 records of 900 kB wait for a locked table in bounded memory, and all of them arrive`()
        async throws
    {
        let own = try TopicSink(
            lab,
            "large_records",
            tables: "create table large_records (id int primary key, v text)"
        )
        let text = String(repeating: "x", count: 900_000)
        for first in stride(from: 0, to: 1_300, by: 100) {
            try own.produce(
                (first..<first + 100).map { (#"{"id":\#($0)}"#, #"{"id":\#($0),"v":"\#(text)"}"#) }
            )
        }
        let lock = Process()
        lock.executableURL = URL(filePath: "/bin/bash")
        let script = Lab.script
        lock.arguments = [
            script, "psql", "destination", "-qc", "begin", "-c",
            "lock table large_records in access exclusive mode", "-c",
            "select pg_sleep(25)",
        ]
        lock.environment = lab.environment
        lock.standardInput = FileHandle.nullDevice
        try lock.run()
        defer { if lock.isRunning { lock.terminate() } }
        let program = try own.start(["batch.size": "5000"])
        defer { program.discard() }
        try await program.until("all 1,300 records are there", within: .seconds(300)) {
            try #require(program.end == nil, "\(program.text.suffix(2_000))")
            return try own.applied() == 1_300
        }
        let peak = try StartedProgram.peakKilobytes(of: program.id)
        print("at most \(peak >> 10) MiB were resident")
        // Two batches of 64 MiB and what they are encoded to, libpq's buffer, which doubles as it grows, and what is fetched
        // ahead: 370 MiB on a quiet machine, 400 on a busy one, where more is fetched meanwhile.
        #expect(peak < 470 << 10, "\(peak) KiB were resident")
        #expect(
            try own.query("select count(*), min(length(v)), max(length(v)) from large_records")
                == "1300|900000|900000"
        )
        #expect(try await program.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))
        try own.query("drop table large_records")
    }
}

extension StartedProgram {
    /// The most memory that was ever resident, in KiB.
    static func peakKilobytes(of id: pid_t) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(line.split(separator: " ").dropLast().last.flatMap { Int($0) })
    }
}
