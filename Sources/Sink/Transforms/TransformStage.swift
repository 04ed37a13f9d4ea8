import ChangeEvents
import Kafka

/// Where a lane's records go through the transforms, one at a time; numbers the topics that they get.
struct TransformStage {
    /// More names than anybody has topics: they may come from records.
    private static let topicLimit = 10_000

    enum Result {
        case record(TransformedRecord)
        case dropped
        case failed(TransformChain.Failure)
    }

    private var chain: TransformChain
    /// The router's: schemas are asked for once.
    private let texts: RecordTexts
    /// By number, the topics that records have after the transforms.
    private(set) var topics: [String] = []
    private var numbers: [ExactText: Int] = [:]
    /// The record that was transformed last: who asks where it goes asks for it again at once.
    private var last: (topic: Int, partition: Int32, offset: Int64, result: Result)?

    init(_ chain: TransformChain, texts: RecordTexts) {
        (self.chain, self.texts) = (chain, texts)
    }

    /// What the transforms make of a record.
    mutating func result(of message: borrowing Message, topic: String) -> Result {
        if let last, last.offset == message.offset, last.partition == message.partition,
            last.topic == message.topicIndex
        {
            return last.result
        }
        let result = transform(message, topic)
        last = (message.topicIndex, message.partition, message.offset, result)
        return result
    }

    private mutating func transform(_ message: borrowing Message, _ topic: String) -> Result {
        var key: [UInt8]?
        do throws(DecodeError) {
            key = try texts.withKey(message) { $0?.copied }
        } catch {
            return .failed(TransformChain.Failure(error: error, stage: .keyConverter))
        }
        var value: [UInt8]?
        do throws(DecodeError) {
            value = try texts.withValue(message) { $0?.copied }
        } catch {
            return .failed(TransformChain.Failure(error: error, stage: .valueConverter))
        }
        let record = ConnectRecord(
            topic: topic,
            partition: message.partition,
            offset: message.offset,
            timestamp: message.timestamp,
            key: .none,
            value: .none,
            headers: message.headers.map { ConnectHeader(name: $0.name, content: .bytes($0.value)) }
        )
        do throws(TransformChain.Failure) {
            switch try chain.run(record, key: key, value: value) {
            case .dropped: return .dropped
            case .record(let record): return .record(try written(record))
            }
        } catch {
            return .failed(error)
        }
    }

    private mutating func written(_ record: ConnectRecord) throws(TransformChain.Failure) -> TransformedRecord
    {
        do throws(DecodeError) {
            let index = try number(of: record.topic)
            var headers: [RecordHeader] = []
            for header in record.headers { headers.append(RecordHeader(header.name, try header.bytes())) }
            return TransformedRecord(
                topicIndex: index,
                partition: record.partition,
                offset: record.offset,
                timestamp: record.timestamp,
                key: try record.key.json(),
                value: try record.value.json(),
                headers: headers
            )
        } catch {
            throw TransformChain.Failure(error: error, stage: .transformation)
        }
    }

    private mutating func number(of topic: String) throws(DecodeError) -> Int {
        if let number = numbers[ExactText(topic)] { return number }
        guard topics.count < Self.topicLimit else {
            throw DecodeError("the transforms made \(Self.topicLimit) topics, and no more are taken", at: 0)
        }
        numbers[ExactText(topic)] = topics.count
        topics.append(topic)
        return topics.count - 1
    }
}
