import FoundationEssentials

/// The text of a `.properties` file, as `java.util.Properties` reads it.
///
/// Unlike Java it is always UTF-8, and a key that stands there twice is an error instead of the last one winning.
public struct PropertiesText {
    /// What in it can't be read.
    public struct Failure: Error {
        /// Counted from 1.
        public let line: Int
        /// May quote a key.
        public let reason: String
    }

    /// Why a file's properties cannot be had; no key and no value is repeated, for a secret may stand in their place.
    public struct Unreadable: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    public let values: [String: String]

    /// The properties in a file.
    public init(path: String) throws(Unreadable) {
        let text: String
        do {
            text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        } catch {
            throw Unreadable(description: "cannot read \(path): \(FileProblem(error))")
        }
        do throws(Failure) {
            try self.init(text)
        } catch {
            throw Unreadable(
                description: "line \(error.line) of \(path) is not NAME=VALUE, or comes again"
            )
        }
    }

    public init(_ text: String) throws(Failure) {
        var values: [String: String] = [:]
        for (number, line) in Self.logicalLines(text) {
            let (key, value) = Self.split(line)
            guard let key = Self.unescaped(key), let value = Self.unescaped(value) else {
                throw Failure(line: number, reason: "\\u needs four hexadecimal digits, pairs in pairs")
            }
            guard values.updateValue(value, forKey: key) == nil else {
                throw Failure(line: number, reason: "\(key) is given twice")
            }
        }
        self.values = values
    }

    /// Lines without comments and leading blanks, joined where the end is an odd number of backslashes.
    private static func logicalLines(_ text: String) -> [(number: Int, text: Substring.UnicodeScalarView)] {
        var lines: [(number: Int, text: Substring.UnicodeScalarView)] = []
        var isContinued = false
        let scalars = text.replacingScalars("\r\n", with: "\n").replacingScalars("\r", with: "\n")
            .unicodeScalars
        for (index, raw) in scalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var line = raw.drop { isBlank($0) }
            if !isContinued, line.isEmpty || line.first == "#" || line.first == "!" { continue }
            let backslashes = line.reversed().prefix { $0 == "\\" }.count
            if backslashes % 2 == 1 { line = line.dropLast() }
            if isContinued {
                lines[lines.count - 1].text.append(contentsOf: line)
            } else {
                lines.append((index + 1, Substring(String(String.UnicodeScalarView(line))).unicodeScalars))
            }
            isContinued = backslashes % 2 == 1
        }
        return lines
    }

    /// The key ends at the first `=`, `:` or blank that no backslash stands before.
    private static func split(
        _ line: Substring.UnicodeScalarView
    ) -> (key: Substring.UnicodeScalarView, value: Substring.UnicodeScalarView) {
        var end = line.startIndex
        while end < line.endIndex, line[end] != "=", line[end] != ":", !isBlank(line[end]) {
            let isEscape = line[end] == "\\"
            end = line.index(after: end)
            if isEscape, end < line.endIndex { end = line.index(after: end) }
        }
        var value = line[end...].drop { isBlank($0) }
        if let first = value.first, first == "=" || first == ":" {
            value = value.dropFirst().drop { isBlank($0) }
        }
        return (line[..<end], value)
    }

    private static func unescaped(_ text: Substring.UnicodeScalarView) -> String? {
        var units: [UInt16] = []
        var rest = text
        while let scalar = rest.popFirst() {
            guard scalar == "\\", let escaped = rest.popFirst() else {
                if scalar != "\\" { units.append(contentsOf: String(scalar).utf16) }
                continue
            }
            switch escaped {
            case "t": units.append(0x09)
            case "n": units.append(0x0A)
            case "r": units.append(0x0D)
            case "f": units.append(0x0C)
            case "u":
                let digits = String(String.UnicodeScalarView(rest.prefix(4)))
                guard digits.utf8.count == 4, digits.unicodeScalars.allSatisfy(\.properties.isASCIIHexDigit),
                    let unit = UInt16(digits, radix: 16)
                else { return nil }
                units.append(unit)
                rest = rest.dropFirst(4)
            default: units.append(contentsOf: String(escaped).utf16)
            }
        }
        return String(validating: units, as: UTF16.self)
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\u{0C}"
    }
}
