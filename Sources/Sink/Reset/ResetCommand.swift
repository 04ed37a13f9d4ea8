import ArgumentParser
import Logging
import Shared

struct ResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Sets the stored progress to other offsets, after showing what that skips or repeats.",
        discussion: """
            The deliberate way out when a sink stopped because Kafka does not have its offset any more, or because a \
            topic was made anew. Nothing is changed without --yes, and never while the sink is connected to the \
            destination. All partitions are changed in one transaction.

            Exit codes: 0 shown or changed; 1 refused; 3 brokers or destination cannot be reached; 64 wrong usage or \
            configuration.
            """
    )

    @Argument(help: ArgumentHelp("The connector's configuration.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("earliest, latest, or an offset of one partition.", valueName: "where"))
    var to: String

    @Option(help: "Only this topic.")
    var topic: String?

    @Option(help: "Only this partition of the topic.")
    var partition: Int32?

    @Flag(help: "Carry it out.")
    var yes = false

    @Flag(help: "Only show what would change, which is what happens without --yes.")
    var dryRun = false

    func validate() throws {
        guard let target = ResetPlan.Target(to) else {
            throw ValidationError("--to must be earliest, latest or an offset, not \(to)")
        }
        if case .offset = target, partition == nil {
            throw ValidationError("an offset belongs to one partition: give --partition as well")
        }
        if yes, dryRun { throw ValidationError("--yes and --dry-run exclude each other") }
    }

    func run() async throws {
        let configuration = try SinkConfiguration.printingProblems(of: file)
        let topics = try topics(of: configuration)
        guard let target = ResetPlan.Target(to) else { throw ExitCode(64) }
        bootstrapLogging(level: .info)
        let (partition, yes) = (partition, yes)
        do {
            try await withDedicatedThread { () throws(ResetError) in
                try Self.reset(configuration, topics, partition, target, carriesOut: yes)
            }
        } catch {
            print(error)
            throw ExitCode(error.isUnreachable ? 3 : 1)
        }
    }

    /// The topics that are meant; `nil` for all that match `topics.regex`, which only the brokers know.
    private func topics(of configuration: SinkConfiguration) throws -> [String]? {
        let selection = configuration.selection
        if let topic {
            guard selection.includes(topic) else {
                throw ValidationError("\(topic) is not among the sink's topics: \(selection)")
            }
            return [topic]
        }
        guard partition == nil || selection.listed.count == 1 else {
            throw ValidationError("--partition needs --topic: the sink's topics are \(selection)")
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
        let plan = try ResetPlan(to: target, marks: marks, stored: stored)
        printLine(plan.text)
        if plan.repeats, configuration.modes.insertMode == .insert {
            printLine("insert.mode is insert: what is applied again is inserted again")
        }
        guard plan.changes.contains(where: \.isChange) else { return printLine("nothing to change") }
        guard carriesOut else { return printLine("nothing was changed; --yes does it") }
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

    /// What the broker has of the partitions that are meant.
    private static func marks(
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
                properties: configuration.brokerProperties,
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
