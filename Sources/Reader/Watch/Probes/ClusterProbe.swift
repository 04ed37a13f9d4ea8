import Access
import Cluster
import FoundationEssentials
import HTTPRequests
import Model
import Slots
import Threading

/// Asks Kafka Connect, Patroni and the sinks over HTTP, once an interval, each by itself: one that is away must
/// not hold up the others.
struct ClusterProbe: Sendable {
    var settings: PipelineSettings
    /// The connector's slot, where the standbys' copies of it are to be looked at.
    var slot: String?
    /// Base URLs of the sinks' own HTTP interfaces; none where nobody is to be asked.
    var sinks: RESTServers
    var period: Duration
    var board: WatchBoard
    var stop: StopSignal

    func run() async {
        await withTaskGroup { group in
            if let connector = settings.connector, !settings.connect.isEmpty {
                let connect = ConnectClient(settings.connect)
                group.addTask { await repeatedly { await ask(connector, of: connect) } }
            }
            if !settings.patroni.isEmpty {
                let patroni = PatroniClient(settings.patroni, timeout: .seconds(1))
                group.addTask { await repeatedly { await ask(patroni) } }
                if let slot { group.addTask { await askStandbys(slot, patroni) } }
            }
            if !sinks.isEmpty {
                let http = RESTClient(timeout: .seconds(1), credentials: sinks.credentials)
                group.addTask { await repeatedly { await askSinks(http) } }
            }
        }
    }

    private func repeatedly(_ ask: () async -> Void) async {
        while !stop.isRequested {
            let pause = Deadline.after(period)
            await ask()
            while !stop.isRequested, !pause.hasPassed {
                do { try await Task.sleep(for: .milliseconds(50)) } catch { return }
            }
        }
    }

    private func ask(_ name: String, of connect: ConnectClient) async {
        do throws(ClusterError) {
            let status = try await connect.status(of: name)
            let parts =
                [Self.part("connector \(name)", status.connector)]
                + status.tasks.enumerated().map { Self.part("task \($0.offset)", $0.element) }
            board.update { found in
                found.cluster.connectorFailure = status.isRunning ? nil : "connector \(status.summary)"
                found.cluster.parts["1 connector"] = parts
            }
        } catch {
            board.update { found in
                found.cluster.connectorFailure = "connector not reachable: \(error)"
                found.cluster.parts["1 connector"] = [
                    .init(name: "connector \(name)", state: "UNREACHABLE", failure: "\(error)")
                ]
            }
        }
    }

    private static func part(_ name: String, _ part: ConnectorStatus.Part) -> WatchSnapshot.ConnectorPart {
        WatchSnapshot.ConnectorPart(
            name: name,
            state: part.state,
            worker: part.worker,
            failure: part.failure
        )
    }

    private func ask(_ patroni: PatroniClient) async {
        do throws(ClusterError) {
            let leader = try await patroni.cluster().leader
            board.update { found in
                found.cluster.leader = .some(leader.map { .init(name: $0.name, timeline: $0.timeline) })
                found.cluster.parts["0 patroni"] = nil
            }
        } catch {
            // The source itself says where it is: that is no reason for a state, but somebody may have to mend it.
            board.update { found in
                found.cluster.leader = nil
                found.cluster.parts["0 patroni"] = [
                    .init(name: "patroni", state: "UNREACHABLE", failure: "\(error)")
                ]
            }
        }
    }

    /// Who would cost the stream changes if it were made the leader now, and for how long that is so already.
    private func askStandbys(_ slot: String, _ patroni: PatroniClient) async {
        var readiness = StandbyReadiness()
        let ways = MemberWays(source: settings.source, members: nil, patroni: settings.patroni)
        await repeatedly {
            do throws(ReadinessLook.Failure) {
                guard let look = try await StandbyLook.read(ways, patroni, slot: slot) else {
                    return
                }
                let now = Moment.monotonicNow()
                _ = readiness.take(look.standbys, at: now)
                let waiting = readiness.waiting.compactMap { name in
                    readiness.standbys[name].map { (name, $0.reason, (now - $0.since) / 1_000_000_000) }
                }
                board.update { found in
                    found.cluster.notReady = waiting.map { name, _, seconds in "\(name):\(seconds)s" }
                    found.cluster.parts["3 standbys"] = waiting.map { name, reason, seconds in
                        let failure = "for \(seconds) s: \(reason)"
                        return .init(name: "standby \(name)", state: "NOT READY", failure: failure)
                    }
                }
            } catch {
                board.update { found in
                    (found.cluster.notReady, found.cluster.parts["3 standbys"]) = (nil, nil)
                }
            }
        }
    }

    private func askSinks(_ http: RESTClient) async {
        var reports: [(url: String, report: Result<SinkReport, ClusterError>)] = []
        for url in sinks.urls { reports.append((url, await SinkReport.ask(url, http))) }
        let summary = SinkSummary(reports, topic: settings.topic)
        board.update { found in
            found.cluster.parts["2 sinks"] = summary.parts
            found.cluster.owners = summary.owners
            found.cluster.sinkFailure = summary.failure
        }
    }
}

/// What matters here of a sink's `GET /status`.
struct SinkReport: Decodable, Sendable, Equatable {
    struct Part: Decodable, Sendable, Equatable {
        var state: String
        var trace: String?
    }

    struct Task: Decodable, Sendable, Equatable {
        var state: String
        var trace: String?
        var partitions: [Partition]
    }

    struct Partition: Decodable, Sendable, Equatable {
        var topic: String
        var partition: Int32
        var state: String
    }

    var connector: Part
    var tasks: [Task]

    static func ask(_ url: String, _ http: RESTClient) async -> Result<SinkReport, ClusterError> {
        do throws(ClusterError) {
            let (status, body) = try await http.send("GET", HTTPBase(url).url + "/status")
            guard status == 200 else { throw ClusterError(url: url, reason: "HTTP status \(status)") }
            do {
                return .success(try JSONDecoder().decode(SinkReport.self, from: Data(body.utf8)))
            } catch {
                throw ClusterError(url: url, reason: "the answer is no status of a sink")
            }
        } catch {
            return .failure(error)
        }
    }
}

/// What several sinks say together.
struct SinkSummary: Sendable, Equatable {
    var parts: [WatchSnapshot.ConnectorPart] = []
    /// Who has each partition of the topic; `nil` where no sink answered.
    var owners: [Int32: String]?
    /// Why nothing is applied; `nil` where a sink runs.
    var failure: String?

    init(_ reports: [(url: String, report: Result<SinkReport, ClusterError>)], topic: String) {
        var reasons: [String] = []
        for (base, report) in reports {
            let url = HTTPBase.shown(base)
            switch report {
            case .success(let report):
                owners = owners ?? [:]
                let failed = report.tasks.first { $0.state == "FAILED" }
                let state = failed?.state ?? report.connector.state
                let trace = (failed?.trace ?? report.connector.trace).flatMap(ConnectorStatus.firstLine)
                parts.append(.init(name: "sink \(url)", state: state, failure: trace))
                if state != "RUNNING" { reasons.append("sink \(state)" + (trace.map { ": \($0)" } ?? "")) }
                for place in report.tasks.flatMap(\.partitions)
                where place.topic == topic && place.state != "UNASSIGNED" {
                    owners?[place.partition] = url
                }
            case .failure(let error):
                parts.append(.init(name: "sink \(url)", state: "UNREACHABLE", failure: error.reason))
                reasons.append("sink \(url): \(error.reason)")
            }
        }
        // As long as one runs, it may take the others' partitions.
        if !reports.isEmpty, reasons.count == reports.count { failure = reasons.first }
    }
}
