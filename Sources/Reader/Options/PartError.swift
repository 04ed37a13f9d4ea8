/// Why a part of the pipeline could not be asked.
struct PartError: Error, Sendable, CustomStringConvertible {
    enum Part: String, Sendable {
        case source, destination, broker, history
    }

    var part: Part
    var reason: String

    init(_ part: Part, _ reason: String) {
        self.part = part
        self.reason = reason
    }

    // What went wrong with the history already names it.
    var description: String { part == .history ? reason : "\(part.rawValue): \(reason)" }
}
