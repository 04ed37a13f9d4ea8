public import ChangeEvents
import Model

extension HistoryLine {
    /// Reads one line, without its newline.
    ///
    /// - Throws: `DecodeError` when it is not JSON, or a field that its type needs is missing.
    public init(decoding bytes: RawSpan) throws(DecodeError) {
        let fields = try HistoryFields(bytes)
        moment = Moment(
            monotonic: UInt64(clamping: try fields.integer("mono")),
            wall: try fields.integer("wall")
        )
        event = try Self.event(from: fields)
    }

    private static func event(from fields: HistoryFields) throws(DecodeError) -> Event {
        let type = try fields.text("type")
        switch type {
        case "run":
            let version = try fields.integer("version")
            guard readableVersions.contains(version) else {
                throw DecodeError(
                    "history version \(version), this program reads up to \(Self.version)",
                    at: 0
                )
            }
            return .run(
                Run(
                    by: try fields.text("by"),
                    run: try fields.text("run"),
                    workers: Int(try fields.integer("workers")),
                    rows: Int(try fields.integer("rows")),
                    rate: Int(try fields.integer("rate")),
                    workload: fields.texts["workload"],
                    seed: fields.integers["seed"]
                )
            )
        case "connect":
            return .connect(worker: Int(try fields.integer("worker")), try session(from: fields))
        case "disconnect":
            return .disconnect(
                worker: Int(try fields.integer("worker")),
                sqlState: fields.texts["sqlstate"],
                reason: try fields.text("reason"),
                cause: fields.texts["cause"]
            )
        case "invoke":
            return .invoke(
                Attempt(
                    name: try name(from: fields),
                    previous: try fields.integer("previous"),
                    work: try work(from: fields)
                ),
                try session(from: fields)
            )
        case "ok":
            return .ok(
                try name(from: fields),
                latency: UInt64(clamping: try fields.integer("us")),
                intendedLatency: UInt64(clamping: try fields.integer("late_us"))
            )
        case "fail": return .fail(try name(from: fields), try unacknowledged(from: fields))
        case "info": return .info(try name(from: fields), try unacknowledged(from: fields))
        case "settled":
            return .settled(
                try name(from: fields),
                didHappen: try fields.text("result") == "ok",
                value: fields.integers["value"],
                try session(from: fields)
            )
        case "observed":
            return .observed(
                worker: Int(try fields.integer("worker")),
                id: try fields.integer("id"),
                value: fields.integers["value"],
                expected: try fields.integer("expected"),
                try session(from: fields)
            )
        case "end": return .end(by: try fields.text("by"), run: try fields.text("run"))
        case "fault": return .fault(try fault(from: fields))
        case "restart":
            return .restart(
                connector: try fields.text("connector"),
                task: fields.integers["task"].map { Int($0) },
                reason: fields.texts["reason"] ?? "",
                stored: fields.texts["stored"],
                timeline: timeline(from: fields)
            )
        case "rewind":
            return .rewind(
                connector: try fields.text("connector"),
                from: try fields.text("from"),
                to: try fields.text("to"),
                timeline: timeline(from: fields)
            )
        case "guard":
            // A later version may do more.
            guard let action = GuardAct.Action(rawValue: try fields.text("action")) else {
                return .unknown(type: type)
            }
            return .guardAct(
                GuardAct(
                    connector: try fields.text("connector"),
                    action: action,
                    reason: try fields.text("reason"),
                    node: fields.texts["node"],
                    timeline: timeline(from: fields),
                    from: fields.texts["from"],
                    to: fields.texts["to"]
                )
            )
        case "phantom":
            return .phantom(
                Phantom(
                    connector: try fields.text("connector"),
                    table: try fields.text("table"),
                    key: try fields.text("key"),
                    outcome: try fields.text("outcome"),
                    timeline: Timeline(UInt32(clamping: try fields.integer("tl"))),
                    reason: fields.texts["reason"]
                )
            )
        case "lag":
            return .lag(
                LagSample(
                    buckets: fields.pairs.map {
                        .init(microseconds: UInt64(clamping: $0), count: UInt64(clamping: $1))
                    },
                    recordsBehind: fields.integers["behind"],
                    divergentRows: Int(try fields.integer("divergent")),
                    state: try fields.text("state")
                )
            )
        case "fence":
            return .fence(
                id: try fields.integer("id"),
                token: Token(try fields.integer("token")),
                previous: try fields.integer("previous")
            )
        default: return .unknown(type: type)
        }
    }

    private static func timeline(from fields: HistoryFields) -> Timeline? {
        fields.integers["tl"].map { Timeline(UInt32(clamping: $0)) }
    }

    private static func session(from fields: HistoryFields) throws(DecodeError) -> Session {
        Session(
            node: try fields.text("node"),
            backendProcessID: Int32(clamping: try fields.integer("pid")),
            timeline: Timeline(UInt32(clamping: try fields.integer("tl")))
        )
    }

    private static func name(from fields: HistoryFields) throws(DecodeError) -> AttemptName {
        AttemptName(
            worker: Int(try fields.integer("worker")),
            id: try fields.integer("id"),
            token: Token(try fields.integer("token"))
        )
    }

    private static func unacknowledged(from fields: HistoryFields) throws(DecodeError) -> Unacknowledged {
        guard let phase = Phase(rawValue: try fields.text("phase")) else {
            throw DecodeError("unknown phase", at: 0)
        }
        return Unacknowledged(
            sqlState: fields.texts["sqlstate"],
            phase: phase,
            reason: fields.texts["reason"] ?? "",
            cause: fields.texts["cause"]
        )
    }

    private static func work(from fields: HistoryFields) throws(DecodeError) -> Work? {
        guard let text = fields.texts["op"] else { return nil }
        guard let operation = Work.Operation(rawValue: text) else {
            throw DecodeError("unknown op \(text)", at: 0)
        }
        var other: OtherRow?
        if let id = fields.integers["other"] {
            other = OtherRow(id: id, previous: try fields.integer("other_previous"))
        }
        return Work(
            table: fields.texts["table"] ?? defaultTable,
            operation: operation,
            movedTo: fields.integers["to"],
            other: other,
            amount: fields.integers["amount"],
            size: fields.integers["size"]
        )
    }

    private static func fault(from fields: HistoryFields) throws(DecodeError) -> Fault {
        guard let edge = Fault.Edge(rawValue: try fields.text("edge")) else {
            throw DecodeError("unknown edge", at: 0)
        }
        return Fault(
            edge: edge,
            fault: try fields.text("fault"),
            target: try fields.text("target"),
            leader: fields.texts["leader"],
            timeline: fields.integers["tl"].map { Timeline(UInt32(clamping: $0)) }
        )
    }
}

/// The members of one line's object; values of other kinds than the schema's are left out.
private struct HistoryFields {
    var integers: [String: Int64] = [:]
    var texts: [String: String] = [:]
    /// The elements of `lag_us`.
    var pairs: [(Int64, Int64)] = []

    init(_ bytes: RawSpan) throws(DecodeError) {
        var scanner = JSONScanner(bytes)
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            switch try scanner.peekKind() {
            case .number: integers[try scanner.value(of: key)] = try scanner.integer()
            case .string:
                let text = try scanner.string()
                texts[try scanner.value(of: key)] = try scanner.value(of: text)
            case .array where scanner.matches(key, "lag_us"): try readPairs(&scanner)
            default: try scanner.skipValue()
            }
        }
        try scanner.finish()
    }

    func integer(_ name: String) throws(DecodeError) -> Int64 {
        guard let value = integers[name] else { throw DecodeError("no number \(name)", at: 0) }
        return value
    }

    func text(_ name: String) throws(DecodeError) -> String {
        guard let value = texts[name] else { throw DecodeError("no text \(name)", at: 0) }
        return value
    }

    private mutating func readPairs(_ scanner: inout JSONScanner) throws(DecodeError) {
        try scanner.openArray()
        while try scanner.nextElement() {
            var pair: [Int64] = []
            try scanner.openArray()
            while try scanner.nextElement() { pair.append(try scanner.integer()) }
            guard pair.count == 2 else { throw DecodeError("a pair has two numbers", at: scanner.position) }
            pairs.append((pair[0], pair[1]))
        }
    }
}
