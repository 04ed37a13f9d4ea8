/// How the rows are divided, the same way on both sides.
///
/// The bounds of ranges are sampled, so gaps in the keys cost nothing; their descent uses the key's index. Keys whose
/// order depends on a server's collation, and those of several columns, are divided by their hash instead.
enum KeyBuckets: Sendable, Equatable {
    /// Bucket n holds the keys from bound n - 1, included, to bound n.
    case ranges(type: String, bounds: [String])
    /// A power of two.
    case hashes(count: Int)

    var count: Int {
        switch self {
        case .ranges(_, let bounds): return bounds.count + 1
        case .hashes(let count): return count
        }
    }

    /// A power of two, so that a bucket has some two thousand rows, but no more than 4,096.
    static func count(forBlocks blocks: Int) -> Int {
        var count = 1
        while count < 4_096 && count * 40 < blocks { count *= 2 }
        return count
    }

    /// Neighbours as one closed range.
    static func joined(_ buckets: [Int]) -> [ClosedRange<Int>] {
        var ranges: [ClosedRange<Int>] = []
        for bucket in buckets.sorted() {
            if let last = ranges.last, bucket <= last.upperBound + 1 {
                ranges[ranges.count - 1] = last.lowerBound...max(bucket, last.upperBound)
            } else {
                ranges.append(bucket...bucket)
            }
        }
        return ranges
    }

    /// The blocks of a table in pieces, the last of which has no end: the table may have grown since it was measured.
    static func pieces(ofBlocks count: Int, size: Int = 8_192) -> [Range<Int>] {
        let starts = Array(stride(from: 0, to: max(count, 1), by: size))
        return starts.enumerated().map { place, start in
            start..<(place == starts.count - 1 ? .max : start + size)
        }
    }
}

/// Number and sum of hashes of the rows of each bucket.
struct BucketSums: Sendable, Equatable {
    struct Sum: Sendable, Equatable {
        var rowCount: Int64 = 0
        /// Modulo 2^128: as good as the sum itself to tell two apart.
        var hashes: Int128 = 0
    }

    private(set) var sums: [Int: Sum] = [:]

    var rowCount: Int64 { sums.values.reduce(0) { $0 + $1.rowCount } }

    mutating func add(_ bucket: Int, rowCount: Int64, hashes: Int128) {
        sums[bucket, default: Sum()].rowCount += rowCount
        sums[bucket, default: Sum()].hashes &+= hashes
    }

    mutating func add(_ other: BucketSums) {
        for (bucket, sum) in other.sums { add(bucket, rowCount: sum.rowCount, hashes: sum.hashes) }
    }

    /// Buckets that are not the same on both sides.
    func different(from other: BucketSums) -> [Int] {
        Set(sums.keys).union(other.sums.keys).filter { sums[$0] != other.sums[$0] }.sorted()
    }
}
