/// Numbers as Java reads and writes them.
enum JavaNumber {
    /// `Long.parseLong` and its like: an optional sign and digits, no blanks.
    static func integer<Number: FixedWidthInteger>(_ text: String, as type: Number.Type) -> Int64? {
        Number(text).flatMap { Int64($0) }
    }

    /// `Double.parseDouble`.
    static func double(_ text: String) -> Double? {
        guard let plain = plain(text) else { return nil }
        return Double(plain)
    }

    static func float(_ text: String) -> Float? {
        guard let plain = plain(text) else { return nil }
        return Float(plain)
    }

    /// The number without the blanks and the letter that Java allows; `nil` for another notation.
    private static func plain(_ text: String) -> String? {
        var bytes = Array(text.utf8)[...]
        while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        let sign = bytes.first == UInt8(ascii: "-") ? "-" : ""
        var digits = bytes
        if let first = digits.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            digits.removeFirst()
        }
        if digits.elementsEqual("NaN".utf8) { return "nan" }
        if digits.elementsEqual("Infinity".utf8) { return sign + "inf" }
        if digits.starts(with: "0x".utf8) || digits.starts(with: "0X".utf8) {
            let isWhole = digits.contains(UInt8(ascii: "p")) || digits.contains(UInt8(ascii: "P"))
            return isWhole ? sign + String(decoding: digits, as: UTF8.self) : nil
        }
        if let last = digits.last,
            [UInt8(ascii: "d"), UInt8(ascii: "D"), UInt8(ascii: "f"), UInt8(ascii: "F")].contains(last)
        {
            digits.removeLast()
        }
        guard let first = digits.first, 0x30...0x39 ~= first || first == UInt8(ascii: "."),
            digits.allSatisfy({ 0x30...0x39 ~= $0 || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0) })
        else { return nil }
        var number = String(decoding: digits, as: UTF8.self)
        // Java takes "1." and ".5", which Swift's reader does too but for the bare dot.
        if number.ends(with: ".") { number += "0" }
        if number.begins(with: ".") { number = "0" + number }
        if let place = number.range(ofBytes: ".e") ?? number.range(ofBytes: ".E") {
            number.replaceSubrange(place, with: ".0e")
        }
        return sign + number
    }

    /// `Double.toString`: plain from 0.001 up to ten million, else with an exponent; always with a fraction.
    static func text(_ value: Double) -> String {
        text(value.description, value.isFinite, isNaN: value.isNaN, value < 0)
    }

    static func text(_ value: Float) -> String {
        text(value.description, value.isFinite, isNaN: value.isNaN, value < 0)
    }

    private static func text(_ shortest: String, _ isFinite: Bool, isNaN: Bool, _ isNegative: Bool) -> String
    {
        guard isFinite else { return isNaN ? "NaN" : isNegative ? "-Infinity" : "Infinity" }
        var digits: [UInt8] = []
        var (point, exponent, isFraction) = (0, 0, false)
        var rest = Array(shortest.utf8)[...]
        let sign = rest.first == UInt8(ascii: "-") ? "-" : ""
        if !sign.isEmpty { rest.removeFirst() }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"):
                exponent = Int(String(decoding: rest, as: UTF8.self)) ?? 0
                rest = []
            default:
                digits.append(byte)
                if !isFraction { point += 1 }
            }
        }
        // The number is 0.DIGITS times ten to the point.
        point += exponent
        let leading = digits.prefix { $0 == 0x30 }.count
        guard leading < digits.count else { return sign + "0.0" }
        digits.removeFirst(leading)
        point -= leading
        while digits.count > 1, digits.last == 0x30 { digits.removeLast() }
        func string(_ bytes: some Sequence<UInt8>) -> String {
            let text = String(decoding: Array(bytes), as: UTF8.self)
            return text.isEmpty ? "0" : text
        }
        if (-2...7).contains(point) {
            if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + string(digits) }
            let padded = digits + [UInt8](repeating: 0x30, count: max(0, point - digits.count))
            return sign + string(padded[..<point]) + "." + string(padded[point...])
        }
        return sign + string(digits[..<1]) + "." + string(digits[1...]) + "E\(point - 1)"
    }
}
