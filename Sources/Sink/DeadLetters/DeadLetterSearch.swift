import Kafka
import Model

/// The search in the dead-letter topic for dead letters of which nobody knows whether they were sent; owns its consumer.
///
/// It goes on where it was when its time is over: a topic that others fill as well may take longer than one turn.
struct DeadLetterSearch: ~Copyable {
    /// What is looked for.
    let wanted: Set<DeadLetter.Origin>
    private(set) var found: Set<DeadLetter.Origin> = []
    private let connector: String
    private var consumer: Consumer
    private var scan: LogScan

    /// How long one turn may take.
    private static let slice = Duration.seconds(10)

    /// Begins at the earliest `searchStart`; every record is looked at, those of open transactions of other programs
    /// included.
    ///
    /// - Parameters:
    ///   - properties: librdkafka's, with the group whose rights are asked with; it is not joined.
    /// - Throws: `KafkaError`.
    static func begin(
        for letters: [DeadLetter],
        connector: String,
        properties: [String: String]
    ) throws(KafkaError) -> DeadLetterSearch {
        var starts: [TopicPartition: Int64] = [:]
        for letter in letters {
            guard let place = letter.record?.place else { continue }
            starts[place] = min(letter.searchStart, starts[place] ?? .max)
        }
        let fixed = [
            "enable.auto.commit": "false", "enable.partition.eof": "true",
            "isolation.level": "read_uncommitted", "allow.auto.create.topics": "false",
            // Where retention took the start, or the topic was made anew: all that is there.
            "auto.offset.reset": "earliest",
        ]
        let consumer = try Consumer.open(properties: properties.merging(fixed) { $1 })
        var stretches: [TopicPartition: (begin: Int64, end: Int64)] = [:]
        for (place, start) in starts {
            let (_, high) = try consumer.watermarks(of: place, timeoutMilliseconds: 5_000)
            stretches[place] = (start, high)
        }
        try consumer.assign(starts)
        let scan = LogScan(
            stretches,
            endsMayBeLow: true,
            for: "search in \(starts.keys.map(\.topic).first ?? "the dead-letter topic")"
        )
        return DeadLetterSearch(
            for: letters,
            connector: connector,
            consumer: consumer,
            scan: scan
        )
    }

    private init(
        for letters: [DeadLetter],
        connector: String,
        consumer: consuming Consumer,
        scan: LogScan
    ) {
        wanted = Set(letters.map(\.origin))
        self.connector = connector
        self.consumer = consumer
        self.scan = scan
    }

    /// The offsets before which everything was looked at.
    var positions: [TopicPartition: Int64] {
        var positions: [TopicPartition: Int64] = [:]
        for place in scan.places { positions[place] = scan.position(place) }
        return positions
    }

    /// Goes on for a while.
    ///
    /// - Returns: whether it is known of each dead letter whether it is there.
    /// - Throws: `KafkaError`; a transient one leaves the search where it is.
    mutating func goOn() throws(KafkaError) -> Bool {
        let end = Deadline.after(Self.slice)
        scan.goOn()
        while found.count < wanted.count, let message = try consumer.next(of: &scan) {
            if let origin = DeadLetterHeaders.origin(of: message, connector: connector),
                wanted.contains(origin)
            {
                found.insert(origin)
            }
            if end.hasPassed { return false }
        }
        return true
    }
}
