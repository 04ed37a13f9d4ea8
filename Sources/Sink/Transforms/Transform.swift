import ChangeEvents
import Model

/// One of Connect's single message transforms, ready to run; what it has made of schemas it keeps.
protocol Transform: Sendable {
    /// Changes a record.
    ///
    /// - Returns: false when the record is dropped.
    /// - Throws: `DecodeError` where the class would throw.
    mutating func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool

    /// The topic that all records of a topic get; `nil` where a record's content decides.
    func topic(for topic: String) -> String?
}

extension Transform {
    func topic(for topic: String) -> String? { topic }
}

/// Which records a transform is for: `predicates.NAME.type`.
enum TransformPredicate: Sendable {
    case isTombstone
    case topicMatches(JavaPattern)
    case hasHeader(String)

    /// - Throws: `DecodeError` for a topic that the expression takes too long for.
    func holds(_ record: ConnectRecord) throws(DecodeError) -> Bool {
        switch self {
        case .isTombstone: return record.value.isNull
        case .topicMatches(let pattern): return try pattern.decides(record.topic)
        case .hasHeader(let name): return record.headers.contains { $0.name.isSame(as: name) }
        }
    }
}

extension JavaPattern {
    /// `matches`, with an error that names what took too long.
    func decides(_ text: String) throws(DecodeError) -> Bool {
        do throws(Exhausted) {
            return try matches(text)
        } catch {
            throw exhaustion
        }
    }

    var exhaustion: DecodeError {
        DecodeError(
            "the expression \(text) tries too long (such as (a+)+ does); write it without repetitions in repetitions",
            at: 0
        )
    }
}

/// The transforms of a connector, in their order.
struct TransformChain: Sendable {
    struct Step: Sendable {
        /// As `transforms` lists it.
        let name: String
        var transform: any Transform
        let predicate: TransformPredicate?
        /// Whether the transform is for the records that the predicate does not hold of.
        let isNegated: Bool
    }

    private var steps: [Step]
    private var keySchemas = SchemaMemory()
    private var valueSchemas = SchemaMemory()

    init(_ steps: [Step]) { self.steps = steps }

    /// What a chain makes of a record.
    enum Outcome: Sendable {
        case record(ConnectRecord)
        case dropped
    }

    /// Why a record could not be transformed.
    struct Failure: Error {
        let error: DecodeError
        /// The converter's errors are the converter's, as in Connect.
        let stage: DeadLetterHeaders.Stage
    }

    /// Reads a record and runs it through the chain.
    mutating func run(_ record: ConnectRecord, key: [UInt8]?, value: [UInt8]?) throws(Failure) -> Outcome {
        var record = record
        do throws(DecodeError) {
            if let key { record.key = try ConnectDatum(key, &keySchemas) }
        } catch {
            throw Failure(error: error, stage: .keyConverter)
        }
        do throws(DecodeError) {
            if let value { record.value = try ConnectDatum(value, &valueSchemas) }
        } catch {
            throw Failure(error: error, stage: .valueConverter)
        }
        return try run(record)
    }

    /// Runs a record through the chain.
    mutating func run(_ record: ConnectRecord) throws(Failure) -> Outcome {
        var record = record
        for index in steps.indices {
            do throws(DecodeError) {
                if let predicate = steps[index].predicate {
                    guard try predicate.holds(record) != steps[index].isNegated else { continue }
                }
                guard try steps[index].transform.apply(&record) else { return .dropped }
            } catch {
                let reason = "transform \(steps[index].name): \(error.reason)"
                throw Failure(error: DecodeError(reason, at: error.byteOffset), stage: .transformation)
            }
        }
        return .record(record)
    }

    /// Whether a record's content may say which topic it gets.
    var routesByContent: Bool { steps.contains { $0.transform.topic(for: "topic") == nil } }

    /// The topic that all records of a topic get; `nil` where a record's content decides, or none is left.
    func topic(for topic: String) -> String? {
        var topic = topic
        for step in steps {
            if step.transform is RecordFilter {
                // A topic that is dropped as a whole goes to no table.
                guard case .topicMatches(let pattern)? = step.predicate else { continue }
                guard let holds = try? pattern.matches(topic), holds == step.isNegated else { return nil }
                continue
            }
            guard let next = step.transform.topic(for: topic) else { return nil }
            guard !next.isSame(as: topic) else { continue }
            switch step.predicate {
            case nil: topic = next
            case .topicMatches(let pattern)?:
                guard let holds = try? pattern.matches(topic) else { return nil }
                if holds != step.isNegated { topic = next }
            case .isTombstone?, .hasHeader?: return nil
            }
        }
        return topic
    }
}
