import ArgumentParser
import Shared

/// `reader verify`.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Judge a run: was anything lost, invented or left behind?",
        discussion: """
            Run it when the load has ended and all is healed. It sends a marker through every partition of \
            the pipeline, waits for it, and then judges source, topic and destination against the history.

            The first line is PASS, FAIL: … or INCONCLUSIVE: … . Exit codes: 0 PASS, 1 FAIL, \
            2 INCONCLUSIVE, 3 a part can't be reached, 64 usage.
            """
    )

    @OptionGroup var pipeline: PipelineOptions

    @Option(help: "How long the markers may take through the pipeline, such as 60s.")
    var timeout: Interval = Interval(.seconds(60))

    @Flag(name: .shortAndLong, help: "Print the first line only.")
    var quiet = false

    func validate() throws {
        let settings = try pipeline.resolved()
        guard settings.history != nil else {
            throw ValidationError("give --history, or set HANDOVER_HISTORY (`lab/lab env` prints it)")
        }
    }

    func run() async throws {
        let settings = try pipeline.resolved()
        let historyPath = settings.history ?? ""
        let isQuiet = quiet
        let collector = EvidenceCollector(
            settings: settings,
            historyPath: historyPath,
            timeout: timeout.duration,
            report: { if !isQuiet { printProgress($0) } }
        )
        let evidence: Evidence
        do throws(PartError) {
            evidence = try await withDedicatedThread { () throws(PartError) in try collector.collect() }
        } catch {
            printLine("INCONCLUSIVE: \(error)")
            throw ExitCode(3)
        }
        var verdict = Verdict(evidence)
        if case .stuckInCapture = evidence.fence { verdict.add(connector: await connectorState(settings)) }
        printLine(verdict.firstLine)
        if !quiet {
            let report = VerdictReport(
                verdict: verdict,
                evidence: evidence,
                settings: settings,
                historyPath: historyPath,
                clusterLine: await clusterLine(settings)
            )
            for line in report.lines() { printLine(line) }
        }
        if verdict.exitCode != 0 { throw ExitCode(verdict.exitCode) }
    }

    private func connectorState(_ settings: PipelineSettings) async -> String {
        switch await settings.connectorStatus() {
        case nil: return "state of the connector not asked (--connect, --connector)"
        case .success(let status): return "connector \(settings.connector ?? "") \(status.summary)"
        case .failure(let error): return "connector not reachable: \(error)"
        }
    }

    private func clusterLine(_ settings: PipelineSettings) async -> String? {
        guard !settings.patroni.isEmpty else { return nil }
        let patroni = PatroniClient(servers: settings.patroni)
        do throws(ClusterError) {
            let leader = try await patroni.cluster().leader
            let forks = try await patroni.history().map { "timeline \($0.timeline) ended at \($0.lsn)" }
            let name = leader.map { "\($0.name) leads on timeline \($0.timeline.map(String.init) ?? "?")" }
            return ([name ?? "no leader"] + forks.suffix(5)).joined(separator: "; ")
        } catch {
            return "not known: \(error)"
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
