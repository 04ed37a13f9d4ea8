import Access
import Cluster
import Glibc
import Postgres

/// What the guard was told, and what it has read in the connector's configuration.
struct GuardSettings: Sendable {
    /// What becomes of a gap.
    enum OnGap: String, Sendable, CaseIterable {
        /// Capture waits until a person decides.
        case hold
        /// The tables are read again by an incremental snapshot, and capture goes on.
        case snapshot
    }

    /// What the guard may do, and what it lives with.
    struct Policy: Sendable, Equatable {
        var onGap = OnGap.hold
        /// How many rows are put right after a fork; none with 0.
        var repairLimit = GuardSettings.defaultRepairLimit
        /// Whether a connector is accepted that moves its slot forward by itself.
        var isSlotAdvanceAllowed = false
    }

    /// The steps after which a test may let the guard of a debug build die.
    enum Step: String, Sendable, CaseIterable {
        case settled, stopping, stopped, rewound, cleared, resumed, repairing
    }

    var source: ConnectionOptions
    var brokers: KafkaBrokers
    /// The members that may be given the source's password; `nil` where none were named.
    var members: MemberList?
    var patroni: RESTServers
    var connect: RESTServers
    var connector: String
    /// Where the guard keeps what it knows, in the source database.
    var table = ControlTable(name: ControlTable.guardName)
    var policy = Policy()
    var isDryRun = false
    /// From one look to the next.
    var poll: Duration = .milliseconds(500)
    /// The longest time for which HAProxy may believe an old answer.
    var checkInterval: Duration = .seconds(1)
    #if DEBUG
        /// Where a test wants the guard to die.
        var diesAfter: Step?
    #endif

    static let defaultRepairLimit = 100_000

    /// Ends this process like `kill -9`, if a test asked for it after this step; nothing in a release build.
    func pass(_ step: Step) {
        #if DEBUG
            if diesAfter == step { kill(getpid(), SIGKILL) }
        #endif
    }
}
