import Foundation
import Testing

extension PipelineTests {
    /// A sink and a reader of their own beside the suite's, on a database of their own.
    private struct Watched {
        let lab: Lab
        let port: Int
        let log: String
        let sinkFile: String

        var sinkURL: String { "http://127.0.0.1:\(port + 1)" }

        func startSink() throws -> Process {
            try lab.start("sink", "run", sinkFile, "--listen", "127.0.0.1:\(port + 1)")
        }

        /// The lines that the reader has written.
        func lines() throws -> [WatchedLine] {
            try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").dropLast()
                .map { try JSONDecoder().decode(WatchedLine.self, from: Data($0.utf8)) }
        }

        func until(_ what: String, within limit: Duration = .seconds(30), _ condition: (WatchedLine) -> Bool)
            async throws
        {
            try await lab.until(what, within: limit) { try lines().last.map(condition) ?? false }
        }

        /// The page as a browser shows it after some seconds, with what it logged.
        func page(width: Int) throws -> String? {
            let browser = "/usr/bin/chromium"
            guard FileManager.default.isExecutableFile(atPath: browser) else { return nil }
            let folder = NSTemporaryDirectory() + "browser-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let options =
                "--headless=new --no-sandbox --disable-gpu --no-first-run --enable-logging=stderr "
                + "--user-data-dir=\(folder) --window-size=\(width),1400 --virtual-time-budget=4000 --dump-dom"
            let call = "timeout 60 \(browser) \(options) http://127.0.0.1:\(port)/ 2>&1"
            return try Command.run("/bin/bash", ["-c", call], environment: lab.environment).output
        }
    }

    /// What these tests look at of a line of `reader watch --format json`.
    private struct WatchedLine: Decodable {
        struct EndToEnd: Decodable { let stage: Stage }
        struct Stage: Decodable {
            let interval: Distribution?
            let waiting: UInt64?
        }
        struct Distribution: Decodable { let count: UInt64 }

        let state: String
        let reason: String?
        let endToEnd: EndToEnd
        let capture: Stage
        let apply: Stage
        let queueRecords: Int64?
        let sourceBytes: Int64?
    }

    @Test func `a watched pipeline says what stands still, why, and for how long`() async throws {
        let watched = try prepareWatched()
        defer { _ = try? lab.verb("psql", "destination", "-qc", "drop database watch_db with (force)") }
        let sink = try watched.startSink()
        defer { sink.terminate() }
        let destination = try #require(lab.environment["HANDOVER_DESTINATION_URL"])
            .replacing("/destination_db", with: "/watch_db")
        let reader = try lab.start(
            "reader",
            "watch",
            "--format",
            "json",
            "--sink",
            "watched-sink",
            "--destination",
            destination,
            "--listen",
            "127.0.0.1:\(watched.port)",
            "--sinks",
            watched.sinkURL,
            log: watched.log
        )
        defer { reader.terminate() }
        try lab.verb("start", "writer", "--", "--rate", "200")
        defer { _ = try? lab.verb("stop", "writer") }
        try await watched.until("all stages of changes that flow", within: .seconds(60)) { line in
            line.state == "OK" && line.endToEnd.stage.interval != nil && line.capture.interval != nil
                && line.apply.interval != nil && line.queueRecords != nil && line.sourceBytes != nil
        }
        try expectPage(watched, state: "OK", words: ["partition", "RUNNING", "Changes flow."])

        // The sink sleeps: first its lag grows, and the sink is the reason; its HTTP interface sleeps, too.
        kill(sink.processIdentifier, SIGSTOP)
        let asleep = try watched.lines().count
        try await watched.until("a sleeping sink") { $0.state == "STOPPED" && $0.queueRecords ?? 0 > 500 }
        let ages = try watched.lines().dropFirst(asleep + 2).compactMap(\.endToEnd.stage.waiting)
        #expect(ages.count > 1 && zip(ages, ages.dropFirst()).allSatisfy { $0 < $1 }, "\(ages)")
        #expect(try watched.lines().last?.reason?.hasPrefix("sink \(watched.sinkURL): ") == true)
        kill(sink.processIdentifier, SIGCONT)
        try await watched.until("the sink catches up") { $0.state == "OK" }

        try lab.verb("pause-connector")
        defer { _ = try? lab.verb("resume-connector") }
        try await watched.until("a paused connector") { $0.reason == "connector PAUSED" }
        try expectPage(watched, state: "STOPPED", words: ["connector PAUSED"])
        try lab.verb("resume-connector")
        try await watched.until("the connector again") { $0.state == "OK" }

        try await expectMissingSlot()
        reader.terminate()
        reader.end()
        #expect(reader.terminationStatus == 0)
    }

    private func expectMissingSlot() async throws {
        let log = NSTemporaryDirectory() + "slot-\(UUID().uuidString).log"
        #expect(FileManager.default.createFile(atPath: log, contents: nil))
        defer { try? FileManager.default.removeItem(atPath: log) }
        let reader = try lab.start("reader", "watch", "--slot", "nowhere", log: log)
        defer { reader.terminate() }
        let reason = "state=STOPPED reason=\"slot nowhere missing on leader \(try lab.leader())\""
        try await lab.until("a slot that is not there", within: .seconds(20)) {
            try String(contentsOfFile: log, encoding: .utf8).contains(reason)
        }
    }

    /// Expects the page of the running reader to be alive in a browser, wide and narrow.
    private func expectPage(_ watched: Watched, state: String, words: [String]) throws {
        for width in [1_280, 400] {
            guard let page = try watched.page(width: width) else {
                print("SKIPPED: the page in a browser; lab/lab install --browser installs one")
                return
            }
            #expect(page.contains(#"data-live="yes""#), "\(page.suffix(2_000))")
            #expect(page.contains(#"data-fits="yes""#), "at \(width) px")
            #expect(page.contains(#"<strong id="word">\#(state)</strong>"#))
            for word in words { #expect(page.contains(word), "\(word)") }
            #expect(!page.contains("CONSOLE"), "\(page.prefix(2_000))")
        }
    }

    private func prepareWatched() throws -> Watched {
        #expect(try lab.program("writer", "init", "--rows", "1000").code == 0)
        if !(try lab.verb("list-connectors").contains("source-connector")) { try lab.verb("register-source") }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path(percentEncoded: false)
        try lab.verb("psql", "destination", "-qc", "create database watch_db")
        try lab.verb("psql", "destination", "-q", "-c", "\\c watch_db", "-f", root + "sql/destination.sql")
        try lab.verb("roles", "destination", "watch_db")
        let sink = try lab.sinkDocument("watched-sink") { config in
            let url = try #require(config["connection.url"] as? String)
            config["connection.url"] = url.replacing("/destination_db", with: "/watch_db")
        }
        let folder = try lab.folder
        let file = try lab.privateFile(folder + "/watched-sink.json", sink)
        let log = folder + "/watched.ndjson"
        #expect(FileManager.default.createFile(atPath: log, contents: nil))
        let offset = Int(lab.environment["LAB_PORT_OFFSET"] ?? "") ?? 0
        return Watched(lab: lab, port: 8_110 + offset, log: log, sinkFile: file)
    }
}
