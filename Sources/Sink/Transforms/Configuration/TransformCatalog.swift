/// The transforms by the names of their classes, and why others are not there.
enum TransformCatalog {
    private static let connect = "org.apache.kafka.connect.transforms."
    private static let debezium = "io.debezium.transforms."

    /// Makes a transform; problems with its options are in the options afterwards.
    ///
    /// - Returns: `nil` where the options do not make one.
    /// - Throws: `Refusal` for a class that is not known.
    static func make(_ type: String, _ options: inout TransformOptions) throws(Refusal) -> (any Transform)? {
        // Connect takes a class by its simple name, too.
        let name = type.without(prefix: connect) ?? type
        if let kind = Sided(name) { return kind.make(&options) }
        switch name {
        case "RegexRouter": return RegexRouter(&options)
        case "Filter": return RecordFilter()
        case "ValueToKey": return ValueToKey(&options)
        case "DropHeaders": return DropHeaders(&options)
        case "InsertHeader": return InsertHeader(&options)
        case "TimestampRouter": return TimestampRouter(&options)
        case debezium + "ExtractNewRecordState", "ExtractNewRecordState", debezium + "UnwrapFromEnvelope":
            return ExtractNewRecordState(&options)
        case debezium + "ByLogicalTableRouter", "ByLogicalTableRouter": return ByLogicalTableRouter(&options)
        case debezium + "outbox.EventRouter", "EventRouter": return EventRouter(&options)
        default: throw Refusal(reason: refusal(of: name))
        }
    }

    struct Refusal: Error {
        let reason: String
    }

    /// The transforms that come as `NAME$Key` and `NAME$Value`.
    private struct Sided {
        let name: String
        let side: RecordSide

        init?(_ text: String) {
            let parts = text.parts(at: "$")
            guard parts.count == 2, let side = RecordSide(rawValue: parts[1]), Self.names.holds(parts[0])
            else {
                return nil
            }
            (name, self.side) = (parts[0], side)
        }

        static let names = [
            "ReplaceField", "MaskField", "Cast", "TimestampConverter", "ExtractField", "HoistField",
            "InsertField",
            "Flatten", "SetSchemaMetadata", "HeaderFrom",
        ]

        func make(_ options: inout TransformOptions) -> (any Transform)? {
            switch name {
            case "ReplaceField": return ReplaceField(&options, side)
            case "MaskField": return MaskField(&options, side)
            case "Cast": return Cast(&options, side)
            case "TimestampConverter": return TimestampConverter(&options, side)
            case "ExtractField": return ExtractField(&options, side)
            case "HoistField": return HoistField(&options, side)
            case "InsertField": return InsertField(&options, side)
            case "Flatten": return Flatten(&options, side)
            case "SetSchemaMetadata": return SetSchemaMetadata(&options, side)
            default: return HeaderFrom(&options, side)
            }
        }
    }

    private static func refusal(of name: String) -> String {
        if Sided.names.holds(name) {
            return "is \(name)$Value or \(name)$Key: the class says which half of the record it is for"
        }
        if let reason = reasons.first(where: { name.isSame(as: debezium + $0.name) })?.reason {
            return reason
        }
        if name.begins(with: "io.debezium.connector.jdbc.transforms.") {
            return
                "is not supported by this version: collection.name.format and quote.identifiers say how tables and columns are named"
        }
        return
            "is no transform of this version, and classes cannot be loaded here: docs/transforms.md lists those that there are; "
            + "any other can run in the source connector"
    }

    private static let reasons: [(name: String, reason: String)] = [
        (
            "Filter",
            "runs scripts, which this version does not; use \(connect)Filter with a predicate, or let the source filter"
        ),
        (
            "ContentBasedRouter",
            "runs scripts, which this version does not; use RegexRouter, route.by.field of ExtractNewRecordState, "
                + "or ${source.FIELD} in collection.name.format"
        ),
        (
            "partitions.PartitionRouting",
            "says where a source's record goes; in a sink it changes nothing: leave it out"
        ),
        (
            "partitions.ComputePartition",
            "says where a source's record goes; in a sink it changes nothing: leave it out"
        ),
        ("tracing.ActivateTracingSpan", "traces; no spans are reported here: leave it out"),
        (
            "SchemaChangeEventFilter",
            "is for a source's topic of schema changes; leave that topic out of topics"
        ),
        (
            "TimezoneConverter",
            "needs a list of time zones, which this version has not; columns of the type timestamptz keep the moment, "
                + "and a view shows it in any zone"
        ),
    ]
}

extension TransformPredicate {
    /// - Returns: `nil` where the options do not make one; they say why.
    init?(_ type: String, _ options: inout TransformOptions) {
        switch type.without(prefix: "org.apache.kafka.connect.transforms.predicates.") ?? type {
        case "RecordIsTombstone": self = .isTombstone
        case "TopicNameMatches":
            guard let text = options.required("pattern", hint: "an expression for the topic's whole name"),
                let pattern = options.pattern("pattern", text)
            else { return nil }
            self = .topicMatches(pattern)
        case "HasHeaderKey":
            guard let name = options.required("name", hint: "the header's name") else { return nil }
            self = .hasHeader(name)
        default:
            options.add(
                "type",
                "must be RecordIsTombstone, TopicNameMatches or HasHeaderKey of Connect's",
                value: type
            )
            return nil
        }
    }
}
