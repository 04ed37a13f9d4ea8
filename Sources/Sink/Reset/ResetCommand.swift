import Commands
import Kafka
import Logs
import Model
import Telemetry
import Threading

struct ResetCommand: Command {
    static let description = CommandDescription(
        name: "reset",
        abstract: "Sets the stored progress to other offsets, after showing what that skips or repeats.",
        discussion: """
            The deliberate way out when a sink stopped because Kafka does not have its offset any more, or because a \
            topic was made anew. Nothing is changed without --yes, and never while the sink is connected to the \
            destination. All partitions are changed in one transaction.

            Exit codes: 0 shown or changed; 1 refused; 3 brokers or destination cannot be reached; 64 wrong usage or \
            configuration.
            """
    )

    @Argument(help: "The connector's configuration.", valueName: "file")
    var file: String

    @Option(
        help: """
            earliest, latest, group (where the group of the connector's name stands in Kafka), an offset of one \
            partition, or a time such as 2026-11-29T06:00:00Z: the first record that is not older.
            """,
        valueName: "where"
    )
    var to: ResetPlan.Target

    @Option(help: "Only this topic.")
    var topic: String?

    @Option(help: "Only this partition of the topic.")
    var partition: Int32?

    @Flag(help: "Carry it out.")
    var yes = false

    @Flag(help: "Only show what would change, which is what happens without --yes.")
    var dryRun = false

    func check(_ problems: inout Problems) {
        if case .offset = to, partition == nil {
            problems.add("an offset belongs to one partition: give --partition as well")
        }
        problems.unless(!yes || !dryRun, "--yes and --dry-run exclude each other")
    }

    func run() async throws {
        let configuration = try SinkConfiguration.printingProblems(of: file)
        let topics = try topics(of: configuration)
        bootstrapLogging(level: .info)
        let (target, partition, yes) = (to, partition, yes)
        do {
            try await withDedicatedThread { () throws(ResetError) in
                try Self.reset(configuration, topics, partition, target, carriesOut: yes)
            }
        } catch {
            printLine(error.description)
            throw ExitCode(error.isUnreachable ? 3 : 1)
        }
    }

    /// The topics that are meant; `nil` for all that match `topics.regex`, which only the brokers know.
    private func topics(of configuration: SinkConfiguration) throws -> [String]? {
        let selection = configuration.selection
        if let topic {
            guard selection.includes(topic) else {
                throw UsageError("\(topic) is not among the sink's topics: \(selection)")
            }
            return [topic]
        }
        guard partition == nil || selection.listed.count == 1 else {
            throw UsageError("--partition needs --topic: the sink's topics are \(selection)")
        }
        return selection.pattern == nil ? selection.listed : nil
    }

    private static func reset(
        _ configuration: SinkConfiguration,
        _ topics: [String]?,
        _ partition: Int32?,
        _ target: ResetPlan.Target,
        carriesOut: Bool
    ) throws(ResetError) {
        let marks = try marks(of: topics, partition, configuration)
        let reset = ProgressReset(configuration)
        let connection = try ProgressReset.connect(configuration)
        let stored = try reset.stored(marks.keys.sorted(), on: connection)
        let asked = try asked(target, marks.keys.sorted(), configuration)
        let plan = try ResetPlan(to: target, marks: marks, stored: stored, asked: asked)
        printText(plan.text)
        if plan.repeats, configuration.modes.insertMode == .insert {
            printLine("insert.mode is insert: what is applied again is inserted again")
        }
        let isAcceptance = !plan.changes.contains(where: \.isChange)
        // What a sink has stopped for is accepted by naming the offset at which it stands.
        if isAcceptance { printLine("nothing to change; --yes accepts the stored offsets as they are") }
        guard carriesOut else {
            if !isAcceptance { printLine("nothing was changed; --yes does it") }
            return
        }
        try reset.carryOut(plan, on: connection)
        let logger = Logger(label: "sink")
        for change in plan.changes where change.isChange {
            logger.notice(
                "progress was reset",
                metadata: [
                    "sink": "\(configuration.name)", "partition": "\(change.place)",
                    "from": "\(change.stored.map { "\($0)" } ?? "-")", "to": "\(change.new)",
                ]
            )
        }
        printLine("progress of sink \(configuration.name) was reset")
    }

    /// The offsets of a target that only the brokers know.
    private static func asked(
        _ target: ResetPlan.Target,
        _ places: [TopicPartition],
        _ configuration: SinkConfiguration
    ) throws(ResetError) -> [TopicPartition: Int64] {
        do throws(KafkaError) {
            switch target {
            case .earliest, .latest, .offset: return [:]
            case .group:
                let consumer = try Consumer.open(properties: configuration.consumerProperties)
                return try consumer.committed(places, timeoutMilliseconds: 10_000).mapValues(\.offset)
            case .time(let time):
                let consumer = try Consumer.open(properties: configuration.consumerProperties)
                return try consumer.offsets(since: time, of: places, timeoutMilliseconds: 10_000)
            }
        } catch {
            throw .kafka(error)
        }
    }

    /// What the broker has of the partitions that are meant.
    static func marks(
        of wanted: [String]?,
        _ partition: Int32?,
        _ configuration: SinkConfiguration
    ) throws(ResetError) -> [TopicPartition: PartitionMarks] {
        var topics = wanted ?? []
        var counts: [String: Int] = [:]
        var lows: [TopicPartition: Int64] = [:]
        var ends: [TopicPartition: Int64] = [:]
        do throws(KafkaError) {
            let consumer = try Consumer.open(properties: configuration.consumerProperties)
            if wanted == nil { topics = try BrokerCheck(configuration: configuration).topics(of: consumer) }
            for topic in topics {
                let places = try consumer.partitions(of: topic, timeoutMilliseconds: 5_000)
                counts[topic] = places.count
                for place in places where partition == nil || place.partition == partition {
                    lows[place] = try consumer.watermarks(of: place, timeoutMilliseconds: 5_000).low
                }
            }
            ends = try PartitionEnds.find(
                lows.keys.sorted(),
                properties: configuration.lookingProperties,
                deadline: .after(.seconds(20))
            )
        } catch {
            throw .kafka(error)
        }
        for topic in topics {
            guard let count = counts[topic], count > 0 else { throw .noTopic(topic) }
            guard let partition else { continue }
            let place = TopicPartition(topic: topic, partition: partition)
            guard lows[place] != nil else { throw .noPartition(place, count: count) }
        }
        var marks: [TopicPartition: PartitionMarks] = [:]
        for (place, low) in lows {
            marks[place] = PartitionMarks(first: low, end: max(low, ends[place] ?? low))
        }
        return marks
    }
}
