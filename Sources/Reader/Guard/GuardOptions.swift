import Commands
import HTTPServer
import Options

/// The connector whose capture is guarded.
struct CaptureOptions: Options {
    @Option(
        environment: "HANDOVER_CONNECT_URLS",
        help: "Kafka Connect's REST interfaces, with commas between them."
    )
    var connect: URLList

    @Option(environment: "HANDOVER_CONNECTOR", help: "Name of the source connector.")
    var connector: String
}

/// Where the guard is asked.
struct GuardAddresses: Options {
    @Option(
        environment: "HANDOVER_GUARD_LISTEN",
        help: "Where people ask, and HAProxy where there is no --gate-listen.",
        valueName: "host:port or unix:/path"
    )
    var listen: ListenAddress = GuardAddresses.defaultAddress

    @Option(
        environment: "HANDOVER_GUARD_GATE_LISTEN",
        help: "A listener of its own for HAProxy's checks, which answers /capture/NODE and nothing else.",
        details: "What holds up --listen does not hold up the gate then.",
        valueName: "host:port or unix:/path"
    )
    var gateListen: ListenAddress?

    private static let defaultAddress: ListenAddress = {
        guard let address = ListenAddress("127.0.0.1:8095") else { preconditionFailure("it is host:port") }
        return address
    }()
}

/// What the guard does, and how often.
struct GuardBehaviour: Options {
    @Option(
        environment: "HANDOVER_GUARD_ON_GAP",
        help: "What becomes of a gap: hold waits for POST /clear/TIMELINE; snapshot reads the tables again."
    )
    var onGap: GuardSettings.OnGap = .hold

    @Option(help: "From one look at the cluster to the next.")
    var poll = Duration.milliseconds(500)

    @Option(help: "HAProxy's longest interval between two questions about a node.")
    var checkInterval = Duration.seconds(1)

    @Option(
        help:
            "How many rows are written again after a fork, for what a dead timeline has left; 0 writes none.",
        valueName: "rows"
    )
    var repairLimit = GuardSettings.defaultRepairLimit

    @Flag(
        help: "Also guard a connector that moves its slot forward to its offset by itself.",
        details: """
            Debezium does so with offset.mismatch.strategy=trust_offset or trust_greater_lsn: after a failover that \
            loses changes for good, which the guard can't prevent.
            """
    )
    var allowSlotAdvance = false

    @Flag(help: "Only say what would be done; nothing is written, and the gate stays closed.")
    var dryRun = false
}

extension GuardSettings.OnGap: OptionValue {}
#if DEBUG
    extension GuardSettings.Step: OptionValue {}
#endif
