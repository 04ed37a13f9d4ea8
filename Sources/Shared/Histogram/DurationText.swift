extension UInt64 {
    /// A number of microseconds as a person reads it: `180 µs`, `4.1 ms`, `180 ms`, `9.2 s`.
    public var asDuration: String {
        switch self {
        case 0..<1_000: return "\(self) µs"
        case 1_000..<100_000: return "\(tenths(of: 1_000)) ms"
        case 100_000..<1_000_000: return "\(self / 1_000) ms"
        default: return "\(tenths(of: 1_000_000)) s"
        }
    }

    private func tenths(of unit: UInt64) -> String {
        // The rest first: ten times the whole could be above what fits.
        let rounded = (self % unit * 10 + unit / 2) / unit
        return "\(self / unit + rounded / 10).\(rounded % 10)"
    }
}
