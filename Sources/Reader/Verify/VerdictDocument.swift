import Evidence
import JSONText
import Model
import Tables

/// The verdict as JSON; docs/verdict.md is the schema.
///
/// More than twelve properties: each is a member of the document.
struct VerdictDocument: Encodable, Sendable {
    struct CheckPart: Encodable, Sendable {
        var name: String
        /// `pass`, `unknown` or `fail`.
        var status: String
        var count: Int
        var headline: String
        var notes: [String]
        var examples: [String]
        var findings: [FindingPart]
        /// Findings that are left out of the list.
        var hidden: Int
    }

    struct FindingPart: Encodable, Sendable {
        var kind: String
        var key: Int64
        var token: Int64?
        var count: Int
        var text: String
        var story: TokenStory?
    }

    struct Writes: Encodable, Sendable {
        var ok: Int
        var fail: Int
        var info: Int
        var settledOk: Int
        var settledFail: Int
        var open: Int
    }

    struct FaultPart: Encodable, Sendable {
        var fault: String
        /// Microseconds since 1970.
        var beganAt: Int64
        /// Times in microseconds, `nil` where they are not known.
        var writeRecovery: UInt64?
        var captureRecovery: UInt64?
        var endToEndRecovery: UInt64?
    }

    /// What one fork did.
    struct BranchPart: Encodable, Sendable {
        var timeline: UInt32
        var fork: String
        var lost: Int
        var phantomEvents: Int
        var skipped: Int
        /// The furthest event of the dead branch in the topic, and the connector's offset at its restart.
        var readUpTo: String?
        var storedAtRestart: String?
        /// How far the stream was beyond the fork.
        var shadowBytes: UInt64

        init(_ branch: ForkArithmetic.Branch) {
            (timeline, fork) = (branch.timeline.rawValue, branch.fork.description)
            (lost, phantomEvents, skipped) = (branch.lost, branch.phantomEvents, branch.skipped)
            (readUpTo, storedAtRestart) = (branch.readUpTo?.description, branch.storedAtRestart?.description)
            let position = branch.position?.rawValue ?? 0
            shadowBytes = position - min(position, branch.fork.rawValue)
        }
    }

    /// Raised when a field changes its meaning or goes; new fields may come without.
    var version = 1
    /// `PASS`, `FAIL`, `INCONCLUSIVE` or `ERROR`.
    var verdict: String
    var firstLine: String
    var exitCode: Int32
    var checks: [CheckPart] = []
    var writes: Writes?
    var rowsAtSource: Int?
    var rowsAtDestination: Int?
    var eventsInTopic: Int?
    var timelines: [UInt32] = []
    var forks: [String] = []
    var branches: [BranchPart] = []
    var faults: [FaultPart] = []

    /// What is printed when a part can't be reached.
    init(error: String) {
        (verdict, firstLine, exitCode) = ("ERROR", "INCONCLUSIVE: \(error)", 3)
    }

    /// - Parameter limit: findings of each check that are told.
    init(_ result: Verdict, _ evidence: Evidence, limit: Int) {
        verdict = result.status.word
        (firstLine, exitCode) = (result.firstLine, result.exitCode)
        checks = result.checks.map { check in
            CheckPart(
                name: check.name,
                status: "\(check.status)",
                count: check.count,
                headline: check.headline,
                notes: check.notes,
                examples: check.anomalies.isEmpty ? Array(check.examples.prefix(limit)) : [],
                findings: check.anomalies.prefix(limit).map { anomaly in
                    FindingPart(
                        kind: anomaly.kind,
                        key: anomaly.row.rawValue,
                        token: anomaly.token?.rawValue,
                        count: anomaly.count,
                        text: anomaly.text,
                        story: anomaly.token.map { TokenStory($0, of: anomaly.row, evidence, result.facts) }
                    )
                },
                hidden: max(0, check.anomalies.count - limit)
            )
        }
        let counts = evidence.journal.table.counts
        writes = Writes(
            ok: counts.ok,
            fail: counts.fail,
            info: counts.info,
            settledOk: counts.settledOk,
            settledFail: counts.settledFail,
            open: counts.open
        )
        rowsAtSource = evidence.source.rows.count
        rowsAtDestination = evidence.destination.rows.count
        eventsInTopic = evidence.topic.eventCount
        timelines = evidence.journal.timelines.map(\.rawValue)
        forks = result.facts.forks.lines
        branches = result.facts.forks.branches.map(BranchPart.init)
        faults = zip(evidence.journal.faults, Recovery.all(evidence)).map { fault, recovery in
            FaultPart(
                fault: fault.description,
                beganAt: fault.beganAt,
                writeRecovery: recovery.write.map { $0 / 1_000 },
                captureRecovery: recovery.capture.map { $0 / 1_000 },
                endToEndRecovery: recovery.endToEnd.map { $0 / 1_000 }
            )
        }
    }

    /// The document as text.
    var json: String {
        // Numbers and texts always encode.
        (try? jsonText(self, .indented)) ?? "{}"
    }
}

extension CheckResult.Status {
    /// The word that the first line begins with.
    var word: String {
        switch self {
        case .pass: "PASS"
        case .fail: "FAIL"
        case .unknown: "INCONCLUSIVE"
        }
    }
}
