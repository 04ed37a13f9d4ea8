/// Breaks text into lines of a width.
enum Layout {
    /// Breaks one paragraph at blanks.
    ///
    /// - Parameters:
    ///   - indent: blanks before the first line.
    ///   - hanging: blanks before all further lines.
    static func lines(_ text: String, width: Int, indent: Int = 0, hanging: Int = 0) -> [String] {
        var lines: [String] = []
        var line = String(repeating: " ", count: indent)
        var (length, isEmpty) = (indent, true)
        for word in text.parts(at: " ", keepingEmpty: true) {
            if !isEmpty, length + 1 + word.width > width {
                lines.append(line.trimmedRight)
                (line, length) = (String(repeating: " ", count: hanging), hanging)
                isEmpty = true
                if word.isEmpty { continue }
            }
            if !isEmpty { (line, length) = (line + " ", length + 1) }
            line += word
            (length, isEmpty) = (length + word.width, false)
        }
        return lines + [line.trimmedRight]
    }

    /// Breaks a discussion: each line by itself, continued in the column in which its text begins.
    static func discussion(_ text: String, width: Int) -> [String] {
        text.parts(at: "\n", keepingEmpty: true).flatMap { line -> [String] in
            guard let column = column(of: line), column * 2 < width else {
                return lines(line, width: width)
            }
            return lines(line, width: width, hanging: column)
        }
    }

    /// Where the text begins in a line `term  text`, or in one that is indented; `nil` where it begins at once.
    static func column(of text: String) -> Int? {
        let line = Array(text.unicodeScalars)
        let indent = line.prefix { $0 == " " }.count
        var isGap = false
        for (place, scalar) in line.enumerated().dropFirst(indent + 1) {
            if scalar == " " {
                if isGap { return place + 1 + line.dropFirst(place + 1).prefix { $0 == " " }.count }
                isGap = true
            } else {
                isGap = false
            }
        }
        return indent > 0 ? indent : nil
    }
}
