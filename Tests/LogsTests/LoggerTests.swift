import Dispatch
import Glibc
import Synchronization
import Testing

@testable import Logs

/// A pipe in whose one end a logger writes.
private struct Pipe: ~Copyable {
    let reading: Int32
    let writing: Int32

    init(blocks: Bool = true) throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        (reading, writing) = (ends[0], ends[1])
        _ = fcntl(reading, F_SETFL, O_NONBLOCK)
        if !blocks { _ = fcntl(writing, F_SETFL, O_NONBLOCK) }
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// All that is in the pipe now.
    func text() -> String {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(reading, &chunk, chunk.count), count > 0 { all += chunk[..<count] }
        return String(decoding: all, as: UTF8.self)
    }
}

struct LoggerTests {
    @Test func `messages below the level are not made, others are written`() throws {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.writing)
        let logger = Logger(label: "sink", output: output)
        var made = 0
        func count() -> Int {
            made += 1
            return made
        }
        for level in Logger.Level.allCases {
            output.set(level: level, format: .json)
            made = 0
            logger.trace("m \(count())", metadata: ["k": "\(count())"])
            logger.debug("m \(count())", metadata: ["k": "\(count())"])
            logger.info("m \(count())", metadata: ["k": "\(count())"])
            logger.notice("m \(count())", metadata: ["k": "\(count())"])
            logger.warning("m \(count())", metadata: ["k": "\(count())"])
            logger.error("m \(count())", metadata: ["k": "\(count())"])
            logger.critical("m \(count())", metadata: ["k": "\(count())"])
            let written = Logger.Level.allCases.filter { $0 >= level }
            #expect(made == 2 * written.count)
            let lines = pipe.text().split(separator: "\n")
            #expect(lines.count == written.count)
            for (line, level) in zip(lines, written) { #expect(line.hasPrefix("{\"level\":\"\(level)\"")) }
        }
    }

    @Test func `before it is told otherwise, a logger writes text from level info on`() throws {
        let pipe = try Pipe()
        let logger = Logger(label: "sink", output: LogOutput(descriptor: pipe.writing))
        logger.debug("not seen")
        logger.info("seen")
        #expect(pipe.text().split(separator: " ", maxSplits: 1).last == "info [sink] seen\n")
    }

    @Test func `a copy's metadata is its own, and a message's goes before it`() throws {
        let pipe = try Pipe()
        let logger = Logger(label: "sink", output: LogOutput(descriptor: pipe.writing))
        var copy = logger
        copy[metadataKey: "lane"] = "0"
        copy[metadataKey: "part"] = "7"
        #expect(copy[metadataKey: "lane"] == "0")
        copy.log(level: .info, "m", metadata: ["lane": "1"])
        copy.info("m")
        logger.info("m", metadata: nil)
        let ends = pipe.text().split(separator: "\n").map { $0.split(separator: "] ").last }
        #expect(ends == ["m lane=1 part=7", "m lane=0 part=7", "m"])
    }

    @Test func `levels are ordered and named as users write them`() {
        #expect(Logger.Level.allCases.sorted() == Logger.Level.allCases)
        #expect(Logger.Level(rawValue: "notice") == .notice)
        #expect(Logger.Level.debug < .info)
    }

    @Test func `a full pipe that does not block loses lines, and the next one begins anew`() throws {
        let pipe = try Pipe(blocks: false)
        let output = LogOutput(descriptor: pipe.writing)
        let logger = Logger(label: "sink", output: output)
        let long = String(repeating: "x", count: 40_000)
        for _ in 0..<5 { logger.info("\(long)") }
        let first = pipe.text()
        #expect(first.utf8.count >= 40_000 && first.utf8.last != 0x0A, "the second line is torn")
        logger.info("after")
        let second = pipe.text()
        #expect(second.utf8.first == 0x0A)
        #expect(second.utf8.count { $0 == 0x0A } == 2)
        logger.info("whole")
        #expect(pipe.text().utf8.first != 0x0A)
    }

    @Test func `a descriptor that is closed or has no reader is no fault`() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_IGN)
            Logger(label: "sink", output: LogOutput(descriptor: -1)).error("nobody hears this")
            var ends: [Int32] = [-1, -1]
            guard Glibc.pipe(&ends) == 0 else { exit(2) }
            close(ends[0])
            Logger(label: "sink", output: LogOutput(descriptor: ends[1])).error("nor this")
            close(STDERR_FILENO)
            bootstrapLogging(level: .trace)
            Logger(label: "sink").trace("nor this")
        }
    }

    @Test func `lines of several threads do not mix, also long ones`() async throws {
        var ends: [Int32] = [-1, -1]
        try #require(Glibc.pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        let logger = Logger(label: "sink", output: LogOutput(descriptor: writing))
        let text = Mutex<[UInt8]>([])
        let (isRead, continuation) = AsyncStream<Void>.makeStream()
        // Not in the pool: its threads block while the pipe is full.
        DispatchQueue(label: "reader").async {
            var chunk = [UInt8](repeating: 0, count: 4_096)
            while case let count = read(reading, &chunk, chunk.count), count > 0 {
                text.withLock { $0 += chunk[..<count] }
            }
            continuation.finish()
        }
        await withTaskGroup { group in
            for place in 0..<4 {
                group.addTask {
                    // Longer than PIPE_BUF; together more than a pipe holds.
                    let long = String(repeating: "\(place)", count: 30_000)
                    for _ in 0..<10 { logger.info("\(long)") }
                }
            }
        }
        close(writing)
        for await _ in isRead {}
        close(reading)
        let lines = text.withLock { $0 }.split(separator: 0x0A)
        #expect(lines.count == 40)
        for line in lines { #expect(Set(line.suffix(30_000)).count == 1) }
    }
}
