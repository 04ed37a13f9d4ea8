import Access
import Cluster
package import Commands
import Evidence
import Model
import Slots
import Telemetry
import Threading

/// `reader verify`.
package struct VerifyCommand: Command {
    package static let description = CommandDescription(
        name: "verify",
        abstract: "Judge a run: was anything lost, invented or left behind?",
        discussion: """
            Run it when the load has ended and all is healed. It sends a marker through every partition of \
            the pipeline, waits for it, and then judges source, topic and destination against the history.

            The first line is PASS, FAIL: … or INCONCLUSIVE: … . Exit codes: 0 PASS, 1 FAIL, \
            2 INCONCLUSIVE, 3 a part can't be reached, 64 usage.
            """
    )

    @OptionGroup var pipeline: PipelineOptions

    @Option(
        environment: "HANDOVER_SERVER_LOGS",
        help: "Log of one of the cluster's PostgreSQL servers; may be repeated.",
        details: "Names each start of the stream that skipped changes: decoding was not consistent.",
        valueName: "file"
    )
    var serverLog: [String] = []

    @Option(help: "How long the markers may take through the pipeline, such as 60s.")
    var timeout = Duration.seconds(60)

    @Flag(short: "q", help: "Print the first line only.")
    var quiet = false

    @Option(help: "What to print: text, json or junit; docs/verdict.md has the JSON's schema.")
    var format: VerdictFormat = .text

    @Option(
        help: "Also write the verdict as one HTML file with drawings of the run.",
        valueName: "file"
    )
    var report: String?

    @Flag(help: "Print every finding, not the first eight of each check.")
    var all = false

    @Flag(
        help: "Do not count a lost acknowledged write that a fork explains as a failure.",
        details: "An asynchronous cluster may lose the last writes of a leader that dies."
    )
    var asynchronous = false

    @Option(help: "How long writes may stand still around a fault, such as 30s.")
    var writeBudget: Duration?

    @Option(help: "How long the topic may get no new record around a fault.")
    var captureBudget: Duration?

    @Option(help: "How long after a fault the destination may need; `reader watch --record` measures it.")
    var endToEndBudget: Duration?

    @Option(
        help: "Put a fault into the evidence, to see that the verdict names it.",
        details: "Nothing is written to a database or to the topic."
    )
    var inject: Injection?

    package init() {}

    package func check(_ problems: inout Problems) {
        problems.unless(pipeline.history != nil, HistoryOption.isMissing)
        if let report, let problem = ReportFile(path: report).problem { problems.add("--report: \(problem)") }
    }

    package func run() async throws {
        let settings = try pipeline.settings()
        let historyPath = settings.history ?? ""
        let isQuiet = quiet
        let say: @Sendable (String) -> Void = { if !isQuiet { printProgress($0) } }
        let forks = await ForkKnowledge(settings, mayLose: asynchronous, report: say)
        let collector = EvidenceCollector(
            settings: settings,
            historyPath: historyPath,
            timeout: timeout,
            forks: forks,
            report: say
        )
        var evidence: Evidence
        do throws(PartError) {
            evidence = try await withDedicatedThread { () throws(PartError) in try collector.collect() }
        } catch {
            printUnreachable(error)
            try write(ReportPage(document: VerdictDocument(error: "\(error)")))
            throw ExitCode(3)
        }
        evidence.budgets = Budgets(
            write: writeBudget?.nanoseconds,
            capture: captureBudget?.nanoseconds,
            endToEnd: endToEndBudget?.nanoseconds
        )
        await evidence.forks.complete(settings, report: say)
        await lookAtStandbys(&evidence, settings, say)
        evidence.serverLog = readServerLogs(since: evidence.journal.begin, say)
        if let inject {
            var generator = SystemRandomNumberGenerator()
            guard let done = inject.apply(to: &evidence, using: &generator) else {
                printLine(
                    "INCONCLUSIVE: no row was written last by an acknowledged write: nothing to inject into"
                )
                throw ExitCode(2)
            }
            printProgress("injected \(inject.rawValue): \(done); the check \"\(inject.check)\" must fail")
        }
        var verdict = Verdict(evidence)
        if case .stuckInCapture = evidence.fence.outcome {
            verdict.add(connector: await connectorState(settings))
        }
        let limit = all ? Int.max : Finding.exampleLimit
        let text = VerdictReport(
            verdict: verdict,
            evidence: evidence,
            settings: settings,
            historyPath: historyPath,
            clusterLine: await clusterLine(settings, evidence.forks),
            limit: limit
        )
        if report != nil {
            try write(
                ReportPage(
                    document: VerdictDocument(verdict, evidence, limit: min(limit, ReportPage.findingLimit)),
                    run: RunTimeline(evidence.journal),
                    facts: text.facts()
                )
            )
        }
        switch format {
        case .json: printJSON(VerdictDocument(verdict, evidence, limit: limit).json)
        case .junit: printText(JUnitReport(document: VerdictDocument(verdict, evidence, limit: limit)).xml)
        case .text:
            printLine(verdict.firstLine)
            guard !quiet else { break }
            for line in text.lines() { printLine(line) }
        }
        if verdict.exitCode != 0 { throw ExitCode(verdict.exitCode) }
    }

    /// What the standbys' copies of the slots are good for, where Patroni says who they are.
    private func lookAtStandbys(
        _ evidence: inout Evidence,
        _ settings: PipelineSettings,
        _ say: @Sendable (String) -> Void
    ) async {
        guard !settings.patroni.isEmpty else { return }
        let patroni = PatroniClient(settings.patroni)
        let ways = MemberWays(source: settings.source, members: nil, patroni: settings.patroni)
        for slot in evidence.slots ?? [] where slot.isLogical {
            do throws(ReadinessLook.Failure) {
                evidence.standbys[slot.name] = try await StandbyLook.read(
                    ways,
                    patroni,
                    slot: slot.name
                )
            } catch {
                say("the standbys' slots are not looked at: \(error.reason)")
            }
        }
    }

    /// What the logs say of the time of this run.
    private func readServerLogs(since begin: Int64?, _ say: @Sendable (String) -> Void) -> ServerLog? {
        guard !serverLog.isEmpty else { return nil }
        var log = ServerLog(since: begin.map { $0 / 1_000_000 })
        for path in serverLog {
            do throws(ServerLog.Unreadable) {
                try log.read(path)
            } catch {
                say("\(error)")
            }
        }
        return log
    }

    /// Writes the page where one was asked for.
    private func write(_ page: ReportPage) throws {
        guard let report else { return }
        if let problem = ReportFile(path: report).write(page.html) {
            printProgress("the report could not be written: \(problem)")
            throw ExitCode(3)
        }
        if !quiet { printProgress("report: \(report)") }
    }

    private func printUnreachable(_ error: PartError) {
        let document = VerdictDocument(error: "\(error)")
        switch format {
        case .text: printLine(document.firstLine)
        case .json: printJSON(document.json)
        case .junit: printText(JUnitReport(document: document).xml)
        }
    }

    private func connectorState(_ settings: PipelineSettings) async -> String {
        switch await settings.connectorStatus() {
        case nil: return "state of the connector not asked (--connect, --connector)"
        case .success(let status): return "connector \(settings.connector ?? "") \(status.summary)"
        case .failure(let error): return "connector not reachable: \(error)"
        }
    }

    private func clusterLine(_ settings: PipelineSettings, _ known: ForkKnowledge) async -> String? {
        guard !settings.patroni.isEmpty else { return nil }
        let patroni = PatroniClient(settings.patroni)
        do throws(ClusterError) {
            let leader = try await patroni.cluster().leader
            let forks = (known.ends ?? [:]).sorted { $0.key < $1.key }
                .map { "timeline \($0.key) ended at \($0.value)" }
            let name = leader.map { "\($0.name) leads on timeline \($0.timeline.map(String.init) ?? "?")" }
            return ([name ?? "no leader"] + forks.suffix(5)).joined(separator: "; ")
        } catch {
            return "not known: \(error)"
        }
    }
}

/// What `reader verify` prints.
enum VerdictFormat: String, CaseIterable, OptionValue {
    case text, json, junit
}

extension ForkKnowledge {
    /// How long Patroni may take to learn of a fork: two rounds of its loop, as it is set by default.
    private static let patience: Duration = .seconds(20)

    /// Asks Connect for the stored offset, where it is configured.
    fileprivate init(
        _ settings: PipelineSettings,
        mayLose: Bool,
        report: @Sendable (String) -> Void
    ) async {
        self.init(mayLose: mayLose)
        guard let connector = settings.connector, !settings.connect.isEmpty else { return }
        do throws(ClusterError) {
            storedOffset = try await ConnectClient(settings.connect).offsets(of: connector)
                .furthest
        } catch {
            report("Debezium's stored offset is not known: \(error)")
        }
    }

    /// Asks Patroni for the forks, where the leader did not tell them.
    fileprivate mutating func complete(
        _ settings: PipelineSettings,
        report: @Sendable (String) -> Void
    ) async {
        guard ends == nil, !settings.patroni.isEmpty else { return }
        let patroni = PatroniClient(settings.patroni)
        let deadline = Deadline.after(Self.patience)
        do {
            while !learn(try await patroni.history()) {
                guard !deadline.hasPassed else {
                    report(
                        "Patroni does not know yet where the timeline before \(timeline?.description ?? "this") ended"
                    )
                    return
                }
                try await Task.sleep(for: .milliseconds(500))
            }
        } catch {
            report("the forks are not known: \(error)")
        }
    }
}

extension Verdict {
    /// Adds what the connector says to a verdict that found no marker in the topic.
    mutating func add(connector state: String) {
        if status == .unknown { firstLine += "; \(state)" }
        checks[0].notes.append(state)
    }
}
