/// Classes of signs, in brackets and as escapes.
extension JavaPatternParser {
    /// What stands after a backslash and takes one sign.
    mutating func escapedSet() throws(Failure) -> JavaCharacterSet {
        let scalar = try take()
        switch scalar {
        case "d": return .digits
        case "D": return .digits.negated()
        case "w": return .word
        case "W": return .word.negated()
        case "s": return .space
        case "S": return .space.negated()
        case "h": return .blank
        case "H": return .blank.negated()
        case "v": return .vertical
        case "V": return .vertical.negated()
        case "p", "P":
            let name = try propertyName()
            guard let set = JavaCharacterSet.named(name) else {
                throw Failure(
                    reason:
                        "the class \\p{\(name)} is not supported; \\p{L}, \\p{Nd} and Java's ASCII classes are"
                )
            }
            return set.negated(if: scalar == "P")
        default:
            position -= 1
            let value = try escapedScalar()
            return JavaCharacterSet(value.value...value.value)
        }
    }

    private mutating func propertyName() throws(Failure) -> String {
        guard consume("{") else { return String(String.UnicodeScalarView([try take()])) }
        var name = String.UnicodeScalarView()
        while true {
            let scalar = try take()
            if scalar == "}" { return String(name) }
            name.append(scalar)
        }
    }

    /// One sign, written as an escape.
    private mutating func escapedScalar() throws(Failure) -> Unicode.Scalar {
        let scalar = try take()
        switch scalar {
        case "t": return "\t"
        case "n": return "\n"
        case "r": return "\r"
        case "f": return "\u{0C}"
        case "a": return "\u{07}"
        case "e": return "\u{1B}"
        case "x": return try hexadecimal(2)
        case "u": return try hexadecimal(4)
        case "a"..."z", "A"..."Z", "0"..."9":
            throw Failure(reason: "the escape \\\(scalar) is not supported")
        default: return scalar
        }
    }

    private mutating func hexadecimal(_ count: Int) throws(Failure) -> Unicode.Scalar {
        var value: UInt32 = 0
        for _ in 0..<count {
            let digit = try take()
            guard let number = UInt32(String(String.UnicodeScalarView([digit])), radix: 16) else {
                throw Failure(reason: "\\x takes two hexadecimal digits, and \\u four")
            }
            value = value << 4 | number
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw Failure(reason: "half of a surrogate pair is no sign")
        }
        return scalar
    }

    /// The rest of `[…]`; a bracket within is a set within.
    mutating func bracket(depth: Int = 0) throws(Failure) -> JavaCharacterSet {
        guard depth < 10 else { throw Failure(reason: "its classes are nested too deep") }
        let isNegated = consume("^")
        var operands: [JavaCharacterSet] = []
        var set = JavaCharacterSet()
        var isFirst = true
        while true {
            guard let scalar = peek() else { throw Failure(reason: "a [ is not closed") }
            if scalar == "]", !isFirst {
                position += 1
                return try intersection(operands, set).negated(if: isNegated)
            }
            isFirst = false
            if consume("&&") {
                operands.append(set)
                set = JavaCharacterSet()
                continue
            }
            if consume("[") {
                set.inner.append(try bracket(depth: depth + 1))
                continue
            }
            if scalar == "\\", let next = peek(1), "dDwWsShHvVpP".unicodeScalars.contains(next) {
                position += 1
                set.inner.append(try escapedSet())
                continue
            }
            let low = try member()
            guard peek() == "-", let next = peek(1), next != "]", next != "[" else {
                set.ranges.append(low.value...low.value)
                continue
            }
            position += 1
            let high = try member()
            guard low.value <= high.value else {
                throw Failure(reason: "a range in [ ] is the wrong way round")
            }
            set.ranges.append(low.value...high.value)
        }
    }

    /// The sets between `&&`.
    ///
    /// Java takes the whole of what stands before, and negates the result.
    private func intersection(
        _ operands: [JavaCharacterSet],
        _ last: JavaCharacterSet
    ) throws(Failure) -> JavaCharacterSet {
        guard !operands.isEmpty else { return last }
        var set = JavaCharacterSet()
        set.common = operands + [last]
        guard set.common.allSatisfy({ !$0.ranges.isEmpty || !$0.inner.isEmpty }) else {
            throw Failure(reason: "one side of && is empty")
        }
        return set
    }

    private mutating func member() throws(Failure) -> Unicode.Scalar {
        let scalar = try take()
        return scalar == "\\" ? try escapedScalar() : scalar
    }
}
