/// Metrics in Prometheus' text format, version 0.0.4.
///
/// Names follow Prometheus' rules: a prefix for the program, base units, `_total` for counters.
public struct MetricsText: Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        /// A count that only grows while the process lives; its name ends in `_total`.
        case counter
        case gauge
    }

    /// One value of a metric.
    public struct Sample: Sendable {
        let labels: [(name: String, value: String)]
        let value: Double

        public init(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
            self.value = value
            self.labels = labels.map { ($0.key, $0.value) }
        }

        public init(_ value: Int, _ labels: KeyValuePairs<String, String> = [:]) {
            self.init(Double(value), labels)
        }
    }

    public private(set) var description = ""

    public init() {}

    /// Adds a metric; without samples nothing is written.
    public mutating func add(_ kind: Kind, _ name: String, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        begin(kind.rawValue, name, help)
        for sample in samples { line(name, sample.labels, sample.value) }
    }

    /// Adds a metric with one value and no label.
    public mutating func add(_ kind: Kind, _ name: String, _ help: String, _ value: Int) {
        add(kind, name, help, [Sample(value)])
    }

    /// Adds a histogram.
    public mutating func add(_ name: String, _ help: String, _ histogram: BucketHistogram) {
        begin("histogram", name, help)
        for (bound, count) in zip(histogram.bounds, histogram.cumulativeCounts) {
            line(name + "_bucket", [("le", Self.text(bound))], Double(count))
        }
        line(name + "_bucket", [("le", "+Inf")], Double(histogram.count))
        line(name + "_sum", [], histogram.sum)
        line(name + "_count", [], Double(histogram.count))
    }

    private mutating func begin(_ kind: String, _ name: String, _ help: String) {
        description += "# HELP \(name) \(Self.escape(help))\n# TYPE \(name) \(kind)\n"
    }

    private mutating func line(_ name: String, _ labels: [(name: String, value: String)], _ value: Double) {
        description += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escape($0.value, quotes: true))\"" }
            description += "{\(pairs.joined(separator: ","))}"
        }
        description += " \(Self.text(value))\n"
    }

    /// Whole numbers without a fraction; what is not finite as Prometheus spells it.
    private static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    private static func escape(_ text: String, quotes: Bool = false) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
