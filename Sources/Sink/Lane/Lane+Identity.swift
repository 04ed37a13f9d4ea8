import Kafka
import Logs
import Model
import Postgres
import Threading

/// How a lane knows that a topic still is the one that its stored offsets belong to.
extension Lane {
    /// Compares the record in front of each stored offset with the one that was applied there.
    ///
    /// An offset alone says nothing about a topic that was deleted and made anew: as soon as it has more records than
    /// the stored offset, the sink would go on in the middle of it. A record that retention or compaction has taken,
    /// and progress without a mark, prove nothing and are passed over.
    ///
    /// - Throws: `SinkError.otherLog` for the first partition whose record is another one.
    mutating func checkLog(
        _ offsets: [TopicPartition: Int64],
        lows: [TopicPartition: Int64]
    ) throws(SinkError) {
        let (progress, places) = (delivery.progress, Array(offsets.keys))
        let stored = try patiently("read sink_progress") { connection, deadline throws(PostgresError) in
            try progress.marks(places, on: connection, deadline: deadline)
        }.filter { place, mark in mark.offset + 1 == offsets[place] && mark.offset >= lows[place] ?? 0 }
        let found = try records(at: stored.mapValues(\.offset))
        for (place, mark) in stored.sorted(by: { $0.key < $1.key }) {
            guard let there = found[place], there != mark else { continue }
            throw .otherLog(place, stored: mark, found: there)
        }
    }

    private func records(at offsets: [TopicPartition: Int64]) throws(SinkError) -> [TopicPartition:
        RecordMark]
    {
        while true {
            do throws(KafkaError) {
                return try RecordProbe.find(
                    offsets,
                    properties: configuration.consumerProperties,
                    deadline: .after(.seconds(10))
                )
            } catch {
                try membership.report(error)
            }
            guard !stop.isRequested else { throw .stopped }
            stop.sleep(.milliseconds(500))
        }
    }
}
