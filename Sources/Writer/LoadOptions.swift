import Commands
import Options

/// How much is written, what, and how.
struct LoadOptions: Options {
    @Option(
        help: "How many connections write at the same time, each on a thread of its own.",
        valid: .range(1...1_000)
    )
    var workers = 4

    @Option(help: "What to write, see above.")
    var workload = Workload.update

    @Option(help: "Writes a second over all workers, or max.")
    var rate = Rate(100)

    @Option(
        help: """
            What becomes of writes that are due in an outage: queue makes them afterwards, drop gives up those more \
            than a second late.
            """
    )
    var backlog = BacklogPolicy.queue

    @Option(help: "That many rows get nine of ten writes.", absence: "all rows get as many")
    var hotKeys: Int?

    @Option(help: "Bytes of a large value of workload wide.", valid: .range(20...100_000_000))
    var valueSize = 16_000

    @Flag(
        isInvertible: true,
        help: "BEGIN and the statements go out together; otherwise one by one. COMMIT always waits for them."
    )
    var pipeline = true
}

/// The proxy that leads to the leader.
struct ProxyOptions: Options {
    @Option(
        environment: "HANDOVER_HAPROXY_STATS",
        help: "HAProxy's page of statistics, to tell how long it took to lead to the next leader.",
        valueName: "url"
    )
    var haproxy: ServerURL?

    @Option(help: "The proxy there that leads to the leader.", valueName: "name")
    var haproxyProxy = "leader"
}
