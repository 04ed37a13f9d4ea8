import FoundationEssentials
import Glibc

/// Maps values to places in a drawing.
struct Scale: Sendable, Equatable {
    enum Kind: Sendable { case linear, logarithmic }

    var kind = Kind.linear
    var domain: ClosedRange<Double>
    /// Where the domain's ends are; the first may be the larger one.
    var range: (Double, Double)

    init(_ kind: Kind = .linear, domain: ClosedRange<Double>, range: (Double, Double)) {
        (self.kind, self.domain, self.range) = (kind, domain, range)
    }

    static func == (left: Scale, right: Scale) -> Bool {
        left.kind == right.kind && left.domain == right.domain && left.range == right.range
    }

    /// The place of a value; one outside of the domain is put on its end.
    func callAsFunction(_ value: Double) -> Double {
        let clamped = min(max(value, domain.lowerBound), domain.upperBound)
        let (low, high) = (transform(domain.lowerBound), transform(domain.upperBound))
        guard high > low else { return range.0 }
        return range.0 + (transform(clamped) - low) / (high - low) * (range.1 - range.0)
    }

    private func transform(_ value: Double) -> Double {
        kind == .linear ? value : log10(max(value, .leastNormalMagnitude))
    }

    /// Round values over the domain: about `count` of a linear one, the powers of ten of a logarithmic one.
    func ticks(about count: Int) -> [Double] {
        kind == .linear ? linearTicks(count) : powersOfTen(count)
    }

    private func linearTicks(_ count: Int) -> [Double] {
        let step = Self.roundStep(atLeast: (domain.upperBound - domain.lowerBound) / Double(max(count, 1)))
        guard step > 0 else { return [domain.lowerBound] }
        let first = (domain.lowerBound / step).rounded(.up)
        let last = (domain.upperBound / step + 1e-9).rounded(.down)
        guard last >= first else { return [] }
        return stride(from: first, through: last, by: 1).map { $0 * step }
    }

    private func powersOfTen(_ count: Int) -> [Double] {
        let first = Int(log10(domain.lowerBound).rounded(.up))
        let last = Int((log10(domain.upperBound) + 1e-9).rounded(.down))
        guard last >= first else { return [] }
        let stride = max(1, (last - first + count) / max(count, 1))
        return Swift.stride(from: first, through: last, by: stride).map { pow(10, Double($0)) }
    }

    /// The least of 1, 2 or 5 times a power of ten that is not below `size`.
    static func roundStep(atLeast size: Double) -> Double {
        guard size > 0, size.isFinite else { return 0 }
        let power = pow(10, log10(size).rounded(.down))
        for factor in [1.0, 2, 5, 10] where factor * power >= size * (1 - 1e-9) { return factor * power }
        return 10 * power
    }
}

/// The time axis: seconds since the begin of the run.
enum TimeTicks {
    private static let steps: [Double] = [
        0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800,
        86_400,
    ]

    /// Moments that a person would choose, about `count` of them.
    static func over(_ seconds: Double, about count: Int) -> [Double] {
        let wanted = seconds / Double(max(count, 1))
        let step = steps.first { $0 >= wanted } ?? (wanted / 86_400).rounded(.up) * 86_400
        guard step > 0, seconds >= 0 else { return [0] }
        return stride(from: 0, through: seconds + step * 1e-9, by: step).map { $0 }
    }

    /// `12 s`, `1:30`, `2:05:00`.
    static func label(_ seconds: Double, step: Double) -> String {
        if seconds < 60 && step < 60 || seconds == 0 {
            let tenths = Int((seconds * 10).rounded())
            return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
        }
        let whole = Int(seconds.rounded())
        let (hours, minutes, rest) = (whole / 3_600, whole / 60 % 60, whole % 60)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return hours == 0 ? "\(minutes):\(two(rest)) min" : "\(hours):\(two(minutes)):\(two(rest)) h"
    }
}
