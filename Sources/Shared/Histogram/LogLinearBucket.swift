/// One bucket of a log-linear histogram: the values that are not told apart.
///
/// The scheme is that of HdrHistogram with two significant digits. Rows have 128 buckets. Row 0 holds 0 to
/// 127 and row 1 holds 128 to 255, each value in a bucket of its own. Each row from there on holds one power
/// of two in buckets twice as wide as in the row before: 256 to 511 in pairs, 512 to 1,023 in fours. So a
/// bucket is never wider than 1/128 of its values.
struct LogLinearBucket {
    static let rowLength = 128

    /// Its place among all buckets in rising order, from 0.
    let number: Int

    init(number: Int) {
        self.number = number
    }

    init(of value: UInt64) {
        // The bits that are dropped, so that eight remain: 128 to 255 from row 1 on.
        let shift = max(0, UInt64.bitWidth - 8 - value.leadingZeroBitCount)
        number = shift * Self.rowLength + Int(value >> UInt64(shift))
    }

    /// The largest value in it.
    var last: UInt64 {
        let shift = max(0, number / Self.rowLength - 1)
        let leading = UInt64(number - shift * Self.rowLength)
        // The dropped bits are all ones.
        return leading << UInt64(shift) | (1 << UInt64(shift) - 1)
    }
}
