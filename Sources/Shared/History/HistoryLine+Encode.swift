import Model

extension HistoryLine {
    /// The line as it stands in the file, newline included.
    public func encoded() -> [UInt8] {
        var object = JSONObjectWriter()
        encodeEvent(into: &object)
        object.field("mono", Int64(clamping: moment.monotonic))
        object.field("wall", moment.wall)
        return object.finish()
    }

    private func encodeEvent(into object: inout JSONObjectWriter) {
        switch event {
        case .run(let run):
            object.field("type", "run")
            object.field("version", Int64(Self.version))
            object.field("by", run.by)
            object.field("run", run.run)
            object.field("workers", Int64(run.workers))
            object.field("rows", Int64(run.rows))
            object.field("rate", Int64(run.rate))
            if let workload = run.workload { object.field("workload", workload) }
            if let seed = run.seed { object.field("seed", seed) }
        case .connect(let worker, let session):
            object.field("type", "connect")
            object.field("worker", Int64(worker))
            encode(session, into: &object)
        case .disconnect(let worker, let sqlState, let reason, let cause):
            object.field("type", "disconnect")
            object.field("worker", Int64(worker))
            if let sqlState { object.field("sqlstate", sqlState) }
            if let cause { object.field("cause", cause) }
            object.field("reason", reason)
        case .invoke(let attempt, let session):
            object.field("type", "invoke")
            encode(attempt.name, into: &object)
            object.field("previous", attempt.previous)
            if let work = attempt.work { encode(work, into: &object) }
            encode(session, into: &object)
        case .ok(let name, let latency, let intendedLatency):
            object.field("type", "ok")
            encode(name, into: &object)
            object.field("us", Int64(clamping: latency))
            object.field("late_us", Int64(clamping: intendedLatency))
        case .fail(let name, let why): encode("fail", name, why, into: &object)
        case .info(let name, let why): encode("info", name, why, into: &object)
        case .settled(let name, let didHappen, let value, let session):
            object.field("type", "settled")
            encode(name, into: &object)
            object.field("result", didHappen ? "ok" : "fail")
            object.field("value", value)
            encode(session, into: &object)
        case .observed(let worker, let id, let value, let expected, let session):
            object.field("type", "observed")
            object.field("worker", Int64(worker))
            object.field("id", id)
            object.field("value", value)
            object.field("expected", expected)
            encode(session, into: &object)
        case .end(let by, let run):
            object.field("type", "end")
            object.field("by", by)
            object.field("run", run)
        case .fault(let fault):
            object.field("type", "fault")
            object.field("edge", fault.edge.rawValue)
            object.field("fault", fault.fault)
            object.field("target", fault.target)
            if let leader = fault.leader { object.field("leader", leader) }
            if let timeline = fault.timeline { object.field("tl", Int64(timeline.rawValue)) }
        case .restart(let connector, let task, let reason, let stored, let timeline):
            object.field("type", "restart")
            object.field("connector", connector)
            if let task { object.field("task", Int64(task)) }
            object.field("by", "guard")
            object.field("reason", reason)
            if let stored { object.field("stored", stored) }
            if let timeline { object.field("tl", Int64(timeline.rawValue)) }
        case .rewind(let connector, let from, let to, let timeline):
            object.field("type", "rewind")
            object.field("connector", connector)
            object.field("from", from)
            object.field("to", to)
            if let timeline { object.field("tl", Int64(timeline.rawValue)) }
            object.field("by", "guard")
        case .guardAct(let act): encode(act, into: &object)
        case .phantom(let phantom):
            object.field("type", "phantom")
            object.field("connector", phantom.connector)
            object.field("table", phantom.table)
            object.field("key", phantom.key)
            object.field("outcome", phantom.outcome)
            object.field("tl", Int64(phantom.timeline.rawValue))
            if let reason = phantom.reason { object.field("reason", reason) }
        case .lag(let sample): encode(sample, into: &object)
        case .fence(let id, let token, let previous):
            object.field("type", "fence")
            object.field("id", id)
            object.field("token", token.rawValue)
            object.field("previous", previous)
        case .unknown(let type): object.field("type", type)
        }
    }

    private func encode(_ act: GuardAct, into object: inout JSONObjectWriter) {
        object.field("type", "guard")
        object.field("connector", act.connector)
        object.field("action", act.action.rawValue)
        object.field("reason", act.reason)
        if let node = act.node { object.field("node", node) }
        if let timeline = act.timeline { object.field("tl", Int64(timeline.rawValue)) }
        if let from = act.from { object.field("from", from) }
        if let to = act.to { object.field("to", to) }
    }

    private func encode(_ session: Session, into object: inout JSONObjectWriter) {
        object.field("node", session.node)
        object.field("pid", Int64(session.backendProcessID))
        object.field("tl", Int64(session.timeline.rawValue))
    }

    private func encode(_ name: AttemptName, into object: inout JSONObjectWriter) {
        object.field("worker", Int64(name.worker))
        object.field("id", name.id)
        object.field("token", name.token.rawValue)
    }

    private func encode(
        _ type: String,
        _ name: AttemptName,
        _ why: Unacknowledged,
        into object: inout JSONObjectWriter
    ) {
        object.field("type", type)
        encode(name, into: &object)
        if let sqlState = why.sqlState { object.field("sqlstate", sqlState) }
        if let cause = why.cause { object.field("cause", cause) }
        object.field("phase", why.phase.rawValue)
        object.field("reason", why.reason)
    }

    private func encode(_ work: Work, into object: inout JSONObjectWriter) {
        object.field("op", work.operation.rawValue)
        if work.table != Self.defaultTable { object.field("table", work.table) }
        if let id = work.movedTo { object.field("to", id) }
        if let other = work.other {
            object.field("other", other.id)
            object.field("other_previous", other.previous)
        }
        if let amount = work.amount { object.field("amount", amount) }
        if let size = work.size { object.field("size", size) }
    }

    private func encode(_ sample: LagSample, into object: inout JSONObjectWriter) {
        object.field("type", "lag")
        object.field(
            "lag_us",
            sample.buckets.map { [Int64(clamping: $0.microseconds), Int64(clamping: $0.count)] }
        )
        object.field("behind", sample.recordsBehind)
        object.field("divergent", Int64(sample.divergentRows))
        object.field("state", sample.state)
    }
}

/// Writes one flat JSON object into bytes.
struct JSONObjectWriter {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    init() {
        // Most lines are shorter: one allocation instead of several that grow.
        bytes.reserveCapacity(256)
    }

    mutating func field(_ name: StaticString, _ value: Int64) {
        key(name)
        append(value)
    }

    mutating func field(_ name: StaticString, _ value: Int64?) {
        if let value { return field(name, value) }
        key(name)
        bytes.append(contentsOf: "null".utf8)
    }

    mutating func field(_ name: StaticString, _ value: String) {
        key(name)
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            // Control characters have no use in a line for people: a space keeps it one line.
            case 0..<0x20: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func field(_ name: StaticString, _ rows: [[Int64]]) {
        key(name)
        bytes.append(UInt8(ascii: "["))
        for (index, row) in rows.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(UInt8(ascii: "["))
            for (column, value) in row.enumerated() {
                if column > 0 { bytes.append(UInt8(ascii: ",")) }
                append(value)
            }
            bytes.append(UInt8(ascii: "]"))
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Closes the object and ends the line.
    consuming func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private mutating func key(_ name: StaticString) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func append(_ value: Int64) {
        var digits: (UInt64, UInt64, UInt32) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { buffer in
            var magnitude = value.magnitude
            var position = buffer.count
            repeat {
                position -= 1
                buffer[position] = UInt8(ascii: "0") + UInt8(magnitude % 10)
                magnitude /= 10
            } while magnitude > 0
            if value < 0 { bytes.append(UInt8(ascii: "-")) }
            bytes.append(contentsOf: buffer[position...])
        }
    }
}
