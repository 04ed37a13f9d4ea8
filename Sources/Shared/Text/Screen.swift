// What a person sees of a text, on a terminal, in a log and in a report.

extension Unicode.Scalar {
    /// Whether it ends a line, moves the cursor, hides or turns the order of what is seen: C0, DEL, C1, the
    /// separators of lines and paragraphs, and Unicode's property Bidi_Control (TR 36, "Bidirectional Text
    /// Spoofing").
    public var isHidden: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// How it is written where it must not do what it does: `\n`, `\u{1b}`.
    public var escaped: String {
        switch self {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(value, radix: 16))}"
        }
    }
}

extension String {
    /// A text from elsewhere as one line that can't steer a terminal: what is hidden is written out.
    public var visible: String { escaping { $0.isHidden } }

    /// A text of several lines, each of which is as `visible` makes it: for what the program laid out itself.
    public var visibleLines: String { escaping { $0.isHidden && $0 != "\n" } }

    /// JSON that a terminal shows as it stands: what is hidden stands in strings only, and is escaped there.
    public var visibleJSON: String {
        // Four digits are enough: all that is hidden lies in the Basic Multilingual Plane.
        escaping({ $0.isHidden && $0 != "\n" }) { scalar in
            let digits = String(scalar.value, radix: 16)
            return "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)"
        }
    }

    private func escaping(
        _ isEscaped: (Unicode.Scalar) -> Bool,
        as form: (Unicode.Scalar) -> String = \.escaped
    ) -> String {
        // Most texts are clean: then nothing is copied.
        guard unicodeScalars.contains(where: isEscaped) else { return self }
        var shown = UnicodeScalarView()
        for scalar in unicodeScalars {
            if isEscaped(scalar) {
                shown.append(contentsOf: form(scalar).unicodeScalars)
            } else {
                shown.append(scalar)
            }
        }
        return String(shown)
    }
}

extension StringProtocol {
    /// About how many columns a terminal needs for it.
    ///
    /// The only place that counts `Character`s: here it matters what is seen.
    public var width: Int { reduce(0) { width, _ in width + 1 } }

    /// The text with blanks at its right, or its left, so that it is so wide.
    public func padded(to width: Int, left: Bool = false) -> String {
        let space = String(repeating: " ", count: Swift.max(0, width - self.width))
        return left ? space + self : self + space
    }

    /// As much of it as so many columns show.
    public func cut(toWidth width: Int) -> String {
        var (cut, left) = ("", width)
        for character in self where left > 0 {
            cut.append(character)
            left -= 1
        }
        return cut
    }
}

extension BinaryInteger {
    /// The number with commas between thousands.
    public var grouped: String {
        let digits = Array(String(magnitude))
        var text = self < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }
}
