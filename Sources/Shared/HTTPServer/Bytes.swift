// What the server reads comes from strangers: it is compared and cut as bytes, where no rule of Unicode applies.

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    /// ASCII capitals as small letters, everything else as it is.
    var lowercased: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self }

    /// Whether names of methods and headers may have it (RFC 9110, 5.6.2).
    var isTokenPart: Bool {
        switch lowercased {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: isDigit || "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }

    /// The value of a hexadecimal digit.
    var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Sequence<UInt8> {
    /// With ASCII capitals as small letters.
    var lowercased: [UInt8] { map(\.lowercased) }

    /// Whether it is `text`, which is ASCII in small letters, in any case.
    func isCaseless(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { elementsEqual($0) { $0.lowercased == $1 } }
    }
}
