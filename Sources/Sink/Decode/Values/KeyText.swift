import Shared

/// Gives equal keys equal bytes, so that a batch finds them to be one row.
enum KeyText {
    static func normalize(
        _ form: ValueForm,
        from start: Int,
        in bytes: inout [UInt8]
    ) throws(DecodeError) {
        switch form {
        case .paddedText:
            while bytes.count > start, bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        case .numeric, .float:
            guard let number = DecimalNumber(bytes[start...]) else { return }
            bytes.removeSubrange(start...)
            number.appendCanonical(to: &bytes)
        default: return
        }
    }
}
