import ChangeEvents

/// Values of several parts: JSON, hstore, geometry, vectors.
enum StructDecoder {
    /// JSON text in a string, as Debezium writes it, or a nested object or list as it stands.
    static func appendJSON(
        _ scanner: inout JSONScanner,
        _ schema: FieldSchema?,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        switch try scanner.peekKind() {
        case .string: try TextDecoder.append(&scanner, schema, to: &bytes)
        case .object, .array:
            let start = bytes.count
            scanner.appendRaw(try scanner.skipValue(), to: &bytes)
            try TextDecoder.check(bytes, from: start)
        default: throw DecodeError("expected JSON in a string, an object or a list", at: scanner.position)
        }
    }

    /// A map, the same as JSON in a string, or hstore's own text.
    static func appendHstore(_ scanner: inout JSONScanner, to bytes: inout [UInt8]) throws(DecodeError) {
        if try scanner.peekKind() == .object {
            try appendPairs(&scanner, to: &bytes)
            return
        }
        var text: [UInt8] = []
        try scanner.append(try scanner.string(), to: &text)
        try TextDecoder.check(text, from: 0)
        // hstore writes its keys in quotes, so text that begins with a brace is JSON.
        guard text.first == UInt8(ascii: "{") else {
            bytes.append(contentsOf: text)
            return
        }
        var inner = JSONScanner(text.span.bytes)
        try appendPairs(&inner, to: &bytes)
        try inner.finish()
    }

    private static func appendPairs(_ scanner: inout JSONScanner, to bytes: inout [UInt8]) throws(DecodeError)
    {
        var isFirst = true
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            try appendQuoted(scanner, key, to: &bytes)
            bytes.append(contentsOf: "=>".utf8)
            if try scanner.consumeNull() {
                bytes.append(contentsOf: "NULL".utf8)
            } else {
                try appendQuoted(scanner, try scanner.string(), to: &bytes)
            }
        }
    }

    private static func appendQuoted(
        _ scanner: borrowing JSONScanner,
        _ text: JSONScanner.Text,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        var value: [UInt8] = []
        try scanner.append(text, to: &value)
        try TextDecoder.check(value, from: 0)
        bytes.append(UInt8(ascii: "\""))
        for byte in value {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    // MARK: Geometry

    static func appendPoint(_ scanner: inout JSONScanner, to bytes: inout [UInt8]) throws(DecodeError) {
        let parts = try numbers(&scanner, ["x", "y"], passing: ["wkb", "srid"])
        bytes.append(contentsOf: "(\(parts[0]),\(parts[1]))".utf8)
    }

    /// The text of a geometric value, as it stands or in base64: it begins with a bracket, and base64 has none.
    ///
    /// Base64 is what `include.unknown.datatypes` of the source connector makes of a type it does not know.
    static func appendShape(_ scanner: inout JSONScanner, to bytes: inout [UInt8]) throws(DecodeError) {
        var copy = scanner
        var text: [UInt8] = []
        try copy.append(try copy.string(), to: &text)
        if let first = text.first, "([{<".utf8.contains(first) {
            scanner = copy
        } else {
            text = try BinaryDecoder.base64(&scanner)
        }
        guard let first = text.first, "([{<".utf8.contains(first) else {
            throw DecodeError("expected the text of a geometric value", at: 0)
        }
        try TextDecoder.check(text, from: 0)
        bytes.append(contentsOf: text)
    }

    static func appendLine(_ scanner: inout JSONScanner, to bytes: inout [UInt8]) throws(DecodeError) {
        if try scanner.peekKind() == .string { return try appendShape(&scanner, to: &bytes) }
        let parts = try numbers(&scanner, ["a", "b", "c"], passing: [])
        bytes.append(contentsOf: "{\(parts[0]),\(parts[1]),\(parts[2])}".utf8)
    }

    static func appendCircle(_ scanner: inout JSONScanner, to bytes: inout [UInt8]) throws(DecodeError) {
        if try scanner.peekKind() == .string { return try appendShape(&scanner, to: &bytes) }
        var center: [UInt8]? = nil
        var radius: [UInt8]? = nil
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            if scanner.matches(key, "center") {
                var text: [UInt8] = []
                try appendPoint(&scanner, to: &text)
                center = text
            } else if scanner.matches(key, "radius") {
                radius = []
                var text: [UInt8] = []
                try NumberDecoder.appendFloat(&scanner, 17, nil, to: &text)
                radius = text
            } else {
                throw DecodeError("an unknown part of a circle", at: scanner.position)
            }
        }
        guard let center, let radius else { throw DecodeError("a part of the circle is missing", at: 0) }
        bytes.append(contentsOf: "<".utf8)
        bytes.append(contentsOf: center)
        bytes.append(contentsOf: ",".utf8)
        bytes.append(contentsOf: radius)
        bytes.append(contentsOf: ">".utf8)
    }

    /// PostGIS reads well-known binary in hexadecimal.
    static func appendGeometry(_ scanner: inout JSONScanner, to bytes: inout [UInt8]) throws(DecodeError) {
        var binary: [UInt8]? = nil
        var system: Int64 = 0
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            if scanner.matches(key, "wkb") {
                binary = try BinaryDecoder.base64(&scanner)
            } else if scanner.matches(key, "srid") {
                if try !scanner.consumeNull() { system = try scanner.integer() }
            } else if scanner.matches(key, "x") || scanner.matches(key, "y") {
                try scanner.skipValue()
            } else {
                throw DecodeError("an unknown part of a geometry", at: scanner.position)
            }
        }
        guard let binary, !binary.isEmpty else { throw DecodeError("the geometry has no wkb", at: 0) }
        BinaryDecoder.appendHex(try withReferenceSystem(system, binary), to: &bytes)
    }

    /// Writes the spatial reference system into well-known binary, as PostGIS extends it (`EWKB`).
    ///
    /// It is a flag in the type, and the number after it. In front of the text only geometry takes it, geography
    /// does not.
    private static func withReferenceSystem(
        _ system: Int64,
        _ binary: [UInt8]
    ) throws(DecodeError) -> [UInt8] {
        let flag: UInt8 = 0x20
        guard binary.count >= 5, binary[0] <= 1, let number = Int32(exactly: system) else {
            throw DecodeError("the geometry's wkb or srid is damaged", at: 0)
        }
        let isLittleEndian = binary[0] == 1
        let highest = isLittleEndian ? 4 : 1
        guard number != 0, binary[highest] & flag == 0 else { return binary }
        var result = binary
        result[highest] |= flag
        withUnsafeBytes(of: isLittleEndian ? number.littleEndian : number.bigEndian) {
            result.insert(contentsOf: $0, at: 5)
        }
        return result
    }

    // MARK: Vectors

    static func appendVector(_ scanner: inout JSONScanner, to bytes: inout [UInt8]) throws(DecodeError) {
        var separator = "["
        try scanner.openArray()
        while try scanner.nextElement() {
            bytes.append(contentsOf: separator.utf8)
            separator = ","
            scanner.appendRaw(try scanner.number(), to: &bytes)
        }
        guard separator == "," else { throw DecodeError("a vector without elements", at: scanner.position) }
        bytes.append(UInt8(ascii: "]"))
    }

    /// `{1:0.1,3:0.2}/25` from an object or, as keys are no strings, a list of pairs.
    static func appendSparseVector(_ scanner: inout JSONScanner, to bytes: inout [UInt8]) throws(DecodeError)
    {
        var dimensions: Int64? = nil
        var elements: [String] = []
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            if scanner.matches(key, "dimensions") {
                dimensions = try scanner.integer()
            } else if scanner.matches(key, "vector") {
                try scanner.openArray()
                while try scanner.nextElement() {
                    try scanner.openArray()
                    guard try scanner.nextElement() else { throw DecodeError("an empty pair", at: 0) }
                    let index = try scanner.integer()
                    guard try scanner.nextElement() else { throw DecodeError("half of a pair", at: 0) }
                    var number: [UInt8] = []
                    scanner.appendRaw(try scanner.number(), to: &number)
                    guard try !scanner.nextElement() else { throw DecodeError("no pair", at: 0) }
                    elements.append("\(index):\(String(decoding: number, as: UTF8.self))")
                }
            } else {
                throw DecodeError("an unknown part of a sparse vector", at: scanner.position)
            }
        }
        guard let dimensions else { throw DecodeError("the sparse vector has no dimensions", at: 0) }
        bytes.append(contentsOf: "{\(elements.joined(separator: ","))}/\(dimensions)".utf8)
    }

    /// The parts of a struct of numbers, as text; others than these and the ones to pass are refused.
    private static func numbers(
        _ scanner: inout JSONScanner,
        _ names: [String],
        passing: [String]
    ) throws(DecodeError) -> [String] {
        var parts = [String?](repeating: nil, count: names.count)
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            let name = try scanner.value(of: key)
            if let index = names.firstIndex(of: name) {
                var text: [UInt8] = []
                try NumberDecoder.appendFloat(&scanner, 17, nil, to: &text)
                parts[index] = String(decoding: text, as: UTF8.self)
            } else if passing.contains(name) {
                try scanner.skipValue()
            } else {
                throw DecodeError("an unknown part of a geometric value", at: scanner.position)
            }
        }
        let known = parts.compactMap { $0 }
        guard known.count == names.count else { throw DecodeError("a part of the value is missing", at: 0) }
        return known
    }
}
