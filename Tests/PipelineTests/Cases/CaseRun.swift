import Foundation
import Testing

/// All cases at once: the records are written, a sink runs for each configuration, and what the tables hold is kept.
struct CaseRun: Sendable {
    /// A sink with its cases, its size of a batch and the schema that its tables are in.
    private struct Job {
        let name: String
        let profile: SinkProfile
        let batchSize: Int
        /// What a sink must stop at, if it is to stop.
        var refusal: SinkRefusal?

        var schema: String { name }

        var topics: [(one: SinkCase, form: CaseForm, topic: String)] {
            profile.cases.enumerated().flatMap { number, one in
                one.forms.map { form in
                    (one, form, "Cases.\(profile.name).\(number).\(form.rawValue)")
                }
            }
        }

        /// SQL with the topic's table and name in it.
        func fill(_ sql: String, _ topic: String) -> String {
            let name = topic.replacingOccurrences(of: ".", with: "_")
            return sql.replacingOccurrences(of: "TABLE", with: "\(schema).\(name.lowercased())")
                .replacingOccurrences(of: "TOPIC", with: name)
        }
    }

    /// What was not as a case expects it, by the case's name.
    private(set) var problems: [String: [String]] = [:]

    /// Made once, by the first test that asks.
    static let shared = Task { try await CaseRun(try Lab.shared.get()) }

    private init(_ lab: Lab) async throws {
        let jobs = Self.jobs
        try lab.verb(
            "psql",
            "destination",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-f",
            try Self.write(lab, "cases.sql", Self.tables(jobs))
        )
        try lab.verb("produce", try Self.write(lab, "cases.ndjson", Self.records(jobs)))
        try await run(jobs, of: lab, round: 1)
        let repeatable = jobs.filter { $0.profile.isRepeatable && $0.batchSize != 1 }
        let names = repeatable.map { "'\($0.name)'" }.joined(separator: ", ")
        try lab.verb(
            "psql",
            "destination",
            "-qc",
            "delete from handover.sink_progress where sink in (\(names))"
        )
        try await run(repeatable, of: lab, round: 2)
    }

    private static var jobs: [Job] {
        let jobs = SinkProfile.all.flatMap { profile in
            profile.batchSizes.map {
                Job(name: "cases_\(profile.name)_\($0)", profile: profile, batchSize: $0)
            }
        }
        let refusals = SinkRefusal.all.enumerated().flatMap { number, refusal in
            refusal.one.forms.map { form in
                var one = refusal.one
                one.forms = [form]
                let name = "refusal_\(number)_\(form.rawValue)"
                let profile = SinkProfile(name: name, properties: refusal.properties, cases: [one])
                return Job(name: "cases_\(name)", profile: profile, batchSize: 5000, refusal: refusal)
            }
        }
        return jobs + refusals
    }

    // MARK: Before

    private static func tables(_ jobs: [Job]) -> String {
        var statements = [
            """
            set client_min_messages = warning;
            create schema cases;
            grant usage, create on schema cases to handover_evolving_sink;
            create extension if not exists hstore schema public;
            create extension if not exists ltree schema public;
            create function cases.shape(regclass) returns text language sql as $$
                select string_agg(quote_ident(attname) || ' ' || format_type(atttypid, atttypmod)
                    || case when attnotnull then ' not null' else '' end
                    || coalesce(' default ' || pg_get_expr(adbin, adrelid), ''), ', ' order by attnum)
                    || coalesce((select ', ' || lower(left(pg_get_constraintdef(oid), 11))
                        || substr(pg_get_constraintdef(oid), 12)
                        from pg_constraint where conrelid = $1 and contype = 'p'), '')
                from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
                where attrelid = $1 and attnum > 0 and not attisdropped
            $$;
            """
        ]
        for job in jobs {
            // Who adds columns must own the tables.
            statements.append(
                """
                create schema \(job.schema) authorization handover_evolving_sink;
                set search_path = \(job.schema), cases, public;
                set role handover_evolving_sink;
                """
            )
            for (one, _, topic) in job.topics {
                guard let table = one.table else { continue }
                statements.append(job.fill(table, topic) + ";")
            }
            statements.append("reset role;")
        }
        return statements.joined(separator: "\n")
    }

    private static func records(_ jobs: [Job]) throws -> String {
        var written: Set<String> = []
        var lines: [String] = []
        for job in jobs {
            for (one, form, topic) in job.topics where written.insert(topic).inserted {
                for event in one.events {
                    var record: [String: Any] = ["topic": topic, "headers": event.headers]
                    if let key = form.key(event, one.keySchema) { record["key"] = key }
                    if let value = form.value(event, one.fields) { record["value"] = value }
                    lines.append(
                        String(decoding: try JSONSerialization.data(withJSONObject: record), as: UTF8.self)
                    )
                }
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func write(_ lab: Lab, _ name: String, _ text: String) throws -> String {
        try lab.privateFile(try lab.folder + "/" + name, text)
    }

    private static func configuration(_ job: Job, _ lab: Lab, round: Int) throws -> String {
        let document = try lab.sinkDocument(job.name) { config in
            config["topics"] = job.topics.map(\.topic).joined(separator: ",")
            config["collection.name.format"] = "\(job.schema).${topic}"
            config["schema.evolution"] = "basic"
            // It makes tables or truncates them.
            config["connection.username"] = "handover_evolving_sink"
            config["connection.password"] = nil
            config["primary.key.fields"] = nil
            config["batch.size"] = String(job.batchSize)
            for (property, value) in job.profile.properties { config[property] = value }
            // The broker may still hold the former member of a group.
            config["consumer.override.group.id"] = "\(job.name)_\(round)"
        }
        return try lab.privateFile(try lab.folder + "/\(job.name).json", document)
    }

    // MARK: Run

    private mutating func run(_ jobs: [Job], of lab: Lab, round: Int) async throws {
        var running: [(job: Job, process: Process, log: String)] = []
        defer {
            for (_, process, _) in running where process.isRunning { process.terminate() }
        }
        for job in jobs {
            let log = try Self.write(lab, "\(job.name)_\(round).log", "")
            let process = try lab.start(
                "sink",
                "run",
                try Self.configuration(job, lab, round: round),
                log: log
            )
            running.append((job, process, log))
        }
        let goals = Dictionary(
            uniqueKeysWithValues: jobs.filter { $0.refusal == nil }.map { job in
                (job.name, job.topics.reduce(0) { $0 + $1.one.events.count })
            }
        )
        let query =
            "select sink, sum(next_offset) from handover.sink_progress where sink like 'cases_%' group by 1"
        do {
            try await lab.until("all records of the cases are applied", within: .seconds(180)) {
                let lines = try lab.query("destination", query).split(separator: "\n").map {
                    $0.split(separator: "|")
                }
                let reached = Dictionary(uniqueKeysWithValues: lines.map { (String($0[0]), Int($0[1]) ?? 0) })
                return running.allSatisfy { job, process, _ in
                    !process.isRunning || goals[job.name].map { $0 == reached[job.name] } ?? false
                }
            }
        } catch Lab.Failure.timedOut {
            // What is missing is said by the cases whose tables lack it.
        }
        for (_, process, _) in running where process.isRunning { process.terminate() }
        for (_, process, _) in running { process.end() }
        try judge(running, of: lab, round: round)
    }

    private mutating func judge(
        _ running: [(job: Job, process: Process, log: String)],
        of lab: Lab,
        round: Int
    ) throws {
        var checks: [(one: SinkCase, place: String, query: String, answer: String)] = []
        var script = ["set timezone = 'UTC'; set datestyle = 'ISO';"]
        for (job, process, log) in running {
            // A value of a log line stands in quotes, and its own are escaped.
            let text = try String(contentsOf: URL(filePath: log), encoding: .utf8)
                .replacing("\\\"", with: "\"")
            let last = text.split(separator: "\n").suffix(2).joined(separator: "\n")
            let code = process.terminationStatus
            if let refusal = job.refusal {
                if let secret = refusal.silentAbout, text.contains(secret) {
                    note(refusal.one, "\(job.name) said \(secret): \(last)")
                }
                if code != 1 || !text.contains(refusal.reason) {
                    note(
                        refusal.one,
                        "\(job.name) ended with \(code) instead of 1 with \(refusal.reason): \(last)"
                    )
                }
            } else if code != 0 {
                for one in job.profile.cases { note(one, "\(job.name) ended with \(code): \(last)") }
                continue
            }
            script.append("set search_path = \(job.schema), cases, public;")
            for (one, _, topic) in job.topics {
                for (query, answer) in one.expected {
                    let own = job.fill(query, topic)
                    script.append("\\echo @@\(checks.count)\n\(own);")
                    checks.append((one, "round \(round)", own, answer))
                }
            }
        }
        let path = try Self.write(lab, "cases-answers.sql", script.joined(separator: "\n"))
        let output = try lab.query("destination", file: path)
        let answers = output.components(separatedBy: "@@").dropFirst().map { part in
            part.drop { $0 != "\n" }.dropFirst().trimmingCharacters(in: .newlines)
        }
        guard answers.count == checks.count else {
            throw Lab.Failure.timedOut("\(checks.count) answers, but there are \(answers.count)")
        }
        for (check, answer) in zip(checks, answers) where check.answer != answer {
            note(
                check.one,
                "\(check.place): \(check.query)\n  is       \(answer)\n  must be  \(check.answer)"
            )
        }
    }

    private mutating func note(_ one: SinkCase, _ problem: String) {
        problems[one.name, default: []].append(problem)
    }
}
