import Histogram
import History
import JSONText
import Model

extension Summary {
    /// The summary as one line of JSON.
    ///
    /// Every field is always there; what is not known is null. Lengths are seconds, latencies microseconds.
    func json() -> String {
        // Encoding numbers, texts and arrays of these can't fail.
        (try? jsonText(Report(self), names: .snakeCase)) ?? "{}"
    }
}

private struct Report: Encodable {
    struct Writes: Encodable {
        let ok, fail, info: Int
        let settledOk, settledFail, open: Int
        let backlog, missed, observed: Int
    }

    struct Percentiles: Encodable {
        let count, p50, p90, p99, p999, max: UInt64

        init(_ histogram: LatencyHistogram) {
            count = histogram.count
            (p50, p90) = (histogram.percentile(50), histogram.percentile(90))
            (p99, p999) = (histogram.percentile(99), histogram.percentile(99.9))
            max = histogram.maximum
        }
    }

    struct Latency: Encodable {
        let intended, service: Percentiles
    }

    struct Place: Encodable {
        let node: String
        let timeline: UInt32
    }

    struct OutageEntry: Encodable {
        let beganUs: Int64
        let seconds: Double
        let attempts, info: Int
        let causes: [String: Int]
        let before: Place
        let after: Explicit<Place>
        let detect: Explicit<Double>
        let elect: Explicit<Double>
        let route: Explicit<Double>
        let connect: Explicit<Double>
    }

    let version = 1
    let seed: Explicit<UInt64>
    let history: String
    let seconds: Double
    let rateWanted: Explicit<Int>
    let rate: Double
    let writes: Writes
    let connections, connectionsFailed: Int
    let causes: [String: Int]
    let latencyUs: Latency
    let outages: [OutageEntry]

    init(_ summary: Summary) {
        let (account, places) = (summary.account, summary.places)
        let counts = account.counts
        func seconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds / 1_000) / 1e6 }
        func place(_ session: HistoryLine.Session) -> Place {
            Place(node: places.name(of: session.node), timeline: session.timeline.rawValue)
        }
        seed = Explicit(summary.seed)
        history = summary.historyPath
        self.seconds = seconds(summary.length)
        rateWanted = Explicit(summary.rate)
        rate = summary.length == 0 ? 0 : Double(counts.ok) * 1e9 / Double(summary.length)
        writes = Writes(
            ok: counts.ok,
            fail: counts.fail,
            info: counts.info,
            settledOk: counts.settledOk,
            settledFail: counts.settledFail,
            open: summary.leftovers.openInfoCount,
            backlog: summary.leftovers.backlogCount,
            missed: summary.leftovers.missedCount,
            observed: counts.observed
        )
        (connections, connectionsFailed) = (counts.connected, counts.connectFailed)
        causes = account.causes
        let latencies = account.latencies
        latencyUs = Latency(
            intended: Percentiles(latencies.intended),
            service: Percentiles(latencies.service)
        )
        outages = summary.outages.map { outage in
            let phases = OutagePhases(of: outage, seen: places)
            return OutageEntry(
                beganUs: outage.began.wall,
                seconds: seconds(outage.length),
                attempts: outage.failures.count,
                info: outage.failures.infoCount,
                causes: outage.failures.causes,
                before: place(outage.before),
                after: Explicit(outage.after.map(place)),
                detect: Explicit(phases.detect.map(seconds)),
                elect: Explicit(phases.elect.map(seconds)),
                route: Explicit(phases.route.map(seconds)),
                connect: Explicit(phases.connect.map(seconds))
            )
        }
    }
}

/// A value that is written as null where there is none: a field of a machine's report is never absent.
private struct Explicit<Value: Encodable>: Encodable {
    let value: Value?

    init(_ value: Value?) {
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}
