import Testing

/// The elements of a page, read by a small parser that refuses what is not well-formed.
struct Elements {
    struct Malformed: Error {
        var reason: String
    }

    private struct Element {
        var name: String
        var style: String
        var text = ""
    }

    private var elements: [Element] = []

    init(_ markup: String) throws {
        var rest = Substring(markup)
        var open: [Int] = []
        while let start = rest.firstIndex(of: "<") {
            try take(rest[..<start], into: open)
            guard let end = rest[start...].firstIndex(of: ">") else { throw Malformed(reason: "no end") }
            var tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("/") {
                guard let last = open.popLast(), elements[last].name == tag.dropFirst() else {
                    throw Malformed(reason: "<\(tag)> closes nothing")
                }
                continue
            }
            let isClosed = tag.hasSuffix("/")
            if isClosed { tag = tag.dropLast() }
            let name = tag.prefix { $0 != " " }
            guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber }) else {
                throw Malformed(reason: "<\(tag)>")
            }
            let attributes = tag.dropFirst(name.count)
            guard attributes.wholeMatch(of: /( [a-zA-Z0-9-]+="[^"<]*")*/) != nil else {
                throw Malformed(reason: "attributes of <\(tag)>")
            }
            let style = attributes.firstMatch(of: /\ class="([^"]*)"/).map { String($0.1) } ?? ""
            elements.append(Element(name: String(name), style: style))
            if !isClosed { open.append(elements.count - 1) }
        }
        try take(rest, into: open)
        guard open.isEmpty else { throw Malformed(reason: "\(elements[open[0]].name) is not closed") }
    }

    private mutating func take(_ text: Substring, into open: [Int]) throws {
        for entity in text.matches(of: /&[^;]{0,8};?/) {
            guard ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"].contains(entity.0) else {
                throw Malformed(reason: "\(entity.0)")
            }
        }
        for index in open { elements[index].text += text }
    }

    /// How many there are of `name` or `name.class`.
    func count(_ selector: String) -> Int {
        let parts = selector.split(separator: ".")
        return elements.count { element in
            element.name == parts[0]
                && parts.dropFirst().allSatisfy { element.style.split(separator: " ").contains($0) }
        }
    }

    func texts(of name: String) -> [String] {
        elements.filter { $0.name == name }.map(\.text)
    }

    func text(of name: String) -> String {
        texts(of: name).first ?? ""
    }
}
