/// Why a part of the pipeline could not be asked.
package struct PartError: Error, Sendable, CustomStringConvertible {
    package enum Part: String, Sendable {
        case source, destination, broker, history
    }

    package var part: Part
    package var reason: String

    package init(_ part: Part, _ reason: String) {
        self.part = part
        self.reason = reason
    }

    // What went wrong with the history already names it.
    package var description: String { part == .history ? reason : "\(part.rawValue): \(reason)" }
}
