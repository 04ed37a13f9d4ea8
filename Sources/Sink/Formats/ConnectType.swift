import ChangeEvents

/// A Connect schema that was derived from another one, and its text as JsonConverter writes it.
struct ConnectType: Sendable {
    /// Connect's type: `int32`, `string`, `struct` and so on.
    var type: String
    var isOptional = false
    var name: String?
    var version: Int?
    var parameters: [ConnectNotes.Parameter] = []
    var fallback: AvroSchema.Fallback?
    /// An array's elements, or a map's keys and values.
    var inner: [ConnectType] = []
    var fields: [Field] = []

    struct Field: Sendable {
        let name: String
        let type: ConnectType
    }

    init(_ type: String) { self.type = type }

    /// What stands in front of a payload: `{"schema":…,"payload":`.
    var payloadStart: [UInt8] {
        var text = Array(#"{"schema":"#.utf8)
        write(to: &text, field: nil)
        text += Array(#","payload":"#.utf8)
        return text
    }

    private func write(to text: inout [UInt8], field: String?) {
        func quoted(_ string: String) -> [UInt8] { JSONText.quoted(Array(string.utf8)) }
        text += Array(#"{"type":"#.utf8) + quoted(type)
        if !fields.isEmpty {
            text += Array(#","fields":["#.utf8)
            for (index, field) in fields.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                field.type.write(to: &text, field: field.name)
            }
            text.append(UInt8(ascii: "]"))
        }
        if type == "array", let items = inner.first {
            text += Array(#","items":"#.utf8)
            items.write(to: &text, field: nil)
        } else if type == "map", inner.count == 2 {
            text += Array(#","keys":"#.utf8)
            inner[0].write(to: &text, field: nil)
            text += Array(#","values":"#.utf8)
            inner[1].write(to: &text, field: nil)
        }
        text += Array((isOptional ? #","optional":true"# : #","optional":false"#).utf8)
        if let name { text += Array(#","name":"#.utf8) + quoted(name) }
        if let version { text += Array(#","version":\#(version)"#.utf8) }
        if !parameters.isEmpty {
            text += Array(#","parameters":{"#.utf8)
            for (index, parameter) in parameters.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                text += quoted(parameter.name) + [UInt8(ascii: ":")] + quoted(parameter.value)
            }
            text.append(UInt8(ascii: "}"))
        }
        if let word = fallbackText { text += Array(#","default":"#.utf8) + word }
        if let field { text += Array(#","field":"#.utf8) + quoted(field) }
        text.append(UInt8(ascii: "}"))
    }

    /// The default as JsonConverter would write it; none where it does not fit the type.
    private var fallbackText: [UInt8]? {
        switch (fallback, type) {
        case (.word(let word)?, "boolean") where word == "true" || word == "false": return Array(word.utf8)
        case (.word(let word)?, "int8"), (.word(let word)?, "int16"), (.word(let word)?, "int32"),
            (.word(let word)?, "int64"):
            return Int64(word) == nil ? nil : Array(word.utf8)
        case (.word(let word)?, "float"), (.word(let word)?, "double"):
            return word == "true" || word == "false" ? nil : Array(word.utf8)
        case (.text(let text)?, "string"): return JSONText.quoted(Array(text.utf8))
        case (.text(let text)?, "bytes"):
            // Avro and Connect write a default of bytes as a text of the characters 0 to 255.
            var bytes: [UInt8] = []
            for scalar in text.unicodeScalars {
                guard let byte = UInt8(exactly: scalar.value) else { return nil }
                bytes.append(byte)
            }
            var buffer = TextBuffer()
            guard (try? buffer.appendBase64(bytes.span.bytes)) != nil else { return nil }
            return buffer.copied
        default: return nil
        }
    }
}
