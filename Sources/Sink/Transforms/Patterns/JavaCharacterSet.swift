/// Which scalars a step of an expression takes.
struct JavaCharacterSet: Sendable {
    var ranges: [ClosedRange<UInt32>] = []
    /// Sets within the brackets.
    var inner: [JavaCharacterSet] = []
    /// `[a&&b]`: a scalar is in all of these; then nothing else is.
    var common: [JavaCharacterSet] = []
    var isNegated = false
    /// Whether letters of ASCII are taken in either case: `(?i)`.
    var foldsCase = false
    /// What else decides, for scalars of all scripts.
    var property: Property?

    enum Property: Sendable { case letter, upper, lower, decimal }

    init(_ ranges: ClosedRange<UInt32>..., negated: Bool = false) {
        (self.ranges, isNegated) = (ranges, negated)
    }

    init(_ property: Property, negated: Bool = false) { (self.property, isNegated) = (property, negated) }

    static func one(_ scalar: Unicode.Scalar, foldsCase: Bool) -> JavaCharacterSet {
        var set = JavaCharacterSet(scalar.value...scalar.value)
        set.foldsCase = foldsCase
        return set
    }

    static let digits = JavaCharacterSet(0x30...0x39)
    static let word = JavaCharacterSet(0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A)
    static let space = JavaCharacterSet(0x20...0x20, 0x09...0x0D)
    static let blank = JavaCharacterSet(
        0x20...0x20,
        0x09...0x09,
        0xA0...0xA0,
        0x1680...0x1680,
        0x180E...0x180E,
        0x2000...0x200A,
        0x202F...0x202F,
        0x205F...0x205F,
        0x3000...0x3000
    )
    static let vertical = JavaCharacterSet(0x0A...0x0D, 0x85...0x85, 0x2028...0x2029)
    /// The dot: all but the ends of lines.
    static let dot = JavaCharacterSet(0x0A...0x0A, 0x0D...0x0D, 0x85...0x85, 0x2028...0x2029, negated: true)
    static let all = JavaCharacterSet(0...0x10FFFF)

    func negated(if flag: Bool = true) -> JavaCharacterSet {
        var copy = self
        if flag { copy.isNegated.toggle() }
        return copy
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var isIn = holds(scalar)
        if !isIn, foldsCase, scalar.isASCII, scalar.properties.isAlphabetic,
            let other = Unicode.Scalar(scalar.value ^ 0x20)
        {
            isIn = holds(other)
        }
        return isIn != isNegated
    }

    private func holds(_ scalar: Unicode.Scalar) -> Bool {
        if !common.isEmpty { return common.allSatisfy { $0.contains(scalar) } }
        if ranges.contains(where: { $0.contains(scalar.value) }) { return true }
        if inner.contains(where: { $0.contains(scalar) }) { return true }
        switch property {
        case nil: return false
        case .letter:
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
                return true
            default: return false
            }
        case .upper: return scalar.properties.generalCategory == .uppercaseLetter
        case .lower: return scalar.properties.generalCategory == .lowercaseLetter
        case .decimal: return scalar.properties.generalCategory == .decimalNumber
        }
    }

    static func folded(_ scalar: Unicode.Scalar) -> UInt32 {
        0x41...0x5A ~= scalar.value ? scalar.value | 0x20 : scalar.value
    }

    static func isTerminator(_ scalar: Unicode.Scalar) -> Bool { !dot.contains(scalar) }

    /// The classes that are written `\p{…}`.
    static func named(_ name: String) -> JavaCharacterSet? {
        switch name {
        case "Lower": return JavaCharacterSet(0x61...0x7A)
        case "Upper": return JavaCharacterSet(0x41...0x5A)
        case "Alpha": return JavaCharacterSet(0x41...0x5A, 0x61...0x7A)
        case "Digit": return digits
        case "Alnum": return JavaCharacterSet(0x30...0x39, 0x41...0x5A, 0x61...0x7A)
        case "Punct": return JavaCharacterSet(0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E)
        case "Graph": return JavaCharacterSet(0x21...0x7E)
        case "Print": return JavaCharacterSet(0x20...0x7E)
        case "Blank": return JavaCharacterSet(0x20...0x20, 0x09...0x09)
        case "XDigit": return JavaCharacterSet(0x30...0x39, 0x41...0x46, 0x61...0x66)
        case "Space": return space
        case "ASCII": return JavaCharacterSet(0...0x7F)
        case "L", "IsL": return JavaCharacterSet(.letter)
        case "Lu", "IsLu": return JavaCharacterSet(.upper)
        case "Ll", "IsLl": return JavaCharacterSet(.lower)
        case "Nd", "IsNd", "IsDigit": return JavaCharacterSet(.decimal)
        default: return nil
        }
    }
}
