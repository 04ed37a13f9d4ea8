import FoundationEssentials

/// HTML or SVG that is put together: whatever comes from outside passes through `text` or an attribute, which escape it.
struct Markup: Sendable, Equatable {
    private(set) var html = ""

    /// Adds what is markup already.
    mutating func raw(_ markup: String) {
        html += markup
    }

    mutating func raw(_ markup: Markup) {
        html += markup.html
    }

    /// Adds words.
    mutating func text(_ words: String) {
        html += words.escapedForHTML
    }

    /// Adds an element with what the closure puts into it.
    mutating func element(
        _ name: String,
        _ attributes: KeyValuePairs<String, String> = [:],
        _ content: (inout Markup) -> Void
    ) {
        open(name, attributes)
        html += ">"
        content(&self)
        html += "</\(name)>"
    }

    /// Adds an element with words in it.
    mutating func element(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String) {
        element(name, attributes) { $0.text(text) }
    }

    /// Adds an element of SVG that has no content.
    mutating func shape(_ name: String, _ attributes: KeyValuePairs<String, String>) {
        open(name, attributes)
        html += "/>"
    }

    private mutating func open(_ name: String, _ attributes: KeyValuePairs<String, String>) {
        html += "<\(name)"
        for (attribute, value) in attributes { html += " \(attribute)=\"\(value.escapedForHTML)\"" }
    }
}

extension String {
    /// The text as it stands in HTML and SVG, also in a quoted attribute.
    ///
    /// Control characters are not allowed there in any form, and those that turn the order of writing deceive; each
    /// becomes U+FFFD.
    var escapedForHTML: String {
        var escaped = ""
        escaped.reserveCapacity(utf8.count)
        for scalar in unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\n", "\t": escaped.unicodeScalars.append(scalar)
            case _ where scalar.isHidden: escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension Double {
    /// A coordinate: at most one decimal, as short as it goes.
    var coordinate: String {
        guard isFinite else { return "0" }
        let tenths = (self * 10).rounded()
        guard abs(tenths) < 1e12 else { return "0" }
        let whole = Int(tenths)
        let sign = whole < 0 ? "-" : ""
        let magnitude = abs(whole)
        return magnitude % 10 == 0 ? "\(sign)\(magnitude / 10)" : "\(sign)\(magnitude / 10).\(magnitude % 10)"
    }
}
