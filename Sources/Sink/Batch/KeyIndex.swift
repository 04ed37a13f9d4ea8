import Glibc

/// Finds the slot of a key within one batch: a hash table over the keys' bytes, without an object a key.
struct KeyIndex {
    /// Slot + 1 by hash, 0 where nothing is; a power of two, at most half full.
    private var table: [Int32]
    private var hashes: [UInt64] = []
    private var places: [Range<Int>] = []
    private var bytes: [UInt8] = []

    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        table = [Int32](repeating: 0, count: size)
    }

    /// Memory that the keys take.
    var byteCount: Int { bytes.count + places.count * 28 }

    /// Memory that is kept when they are forgotten.
    var keptByteCount: Int { bytes.capacity + places.capacity * 24 + table.count * 4 }

    /// Keys that are in it; slots are numbered from 0 in order of arrival.
    var count: Int { places.count }

    mutating func removeAll() {
        for index in table.indices { table[index] = 0 }
        hashes.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Whether the key that the first `keyCount` cells of a row are is in it.
    mutating func contains(_ row: Row, keyCount: Int) -> Bool {
        let key = append(row, keyCount)
        defer { bytes.removeLast(key.place.count) }
        return find(key).slot != nil
    }

    /// The slot of the key that the first `keyCount` cells of a row are; a new one for a new key.
    mutating func slot(of row: Row, keyCount: Int) -> (slot: Int, isNew: Bool) {
        let key = append(row, keyCount)
        let (found, position) = find(key)
        if let found {
            bytes.removeLast(key.place.count)
            return (found, false)
        }
        table[position] = Int32(places.count + 1)
        hashes.append(key.hash)
        places.append(key.place)
        if places.count * 2 > table.count { grow() }
        return (places.count - 1, true)
    }

    /// Writes a row's key after the bytes of those that are in it.
    private mutating func append(_ row: Row, _ keyCount: Int) -> (hash: UInt64, place: Range<Int>) {
        let start = bytes.count
        for index in 0..<keyCount { append(row.cells[index], row.bytes) }
        let place = start..<bytes.count
        return (Self.hash(bytes, place), place)
    }

    /// The slot of a key, or `nil` and the position in the table where it belongs.
    private func find(_ key: (hash: UInt64, place: Range<Int>)) -> (slot: Int?, position: Int) {
        let mask = table.count - 1
        var position = Int(truncatingIfNeeded: key.hash) & mask
        while table[position] != 0 {
            let slot = Int(table[position]) - 1
            if hashes[slot] == key.hash, isEqual(places[slot], key.place) { return (slot, position) }
            position = (position + 1) & mask
        }
        return (nil, position)
    }

    /// Length-prefixed, so that ("ab", "c") and ("a", "bc") differ.
    private mutating func append(_ cell: Cell, _ text: [UInt8]) {
        switch cell {
        case .integer(let value): withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
        case .text(let range):
            withUnsafeBytes(of: range.count) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: text[range])
        case .absent, .null: preconditionFailure("a key column is never null: the decoder refuses it")
        }
    }

    private mutating func grow() {
        table = [Int32](repeating: 0, count: table.count * 2)
        let mask = table.count - 1
        for (slot, hash) in hashes.enumerated() {
            var position = Int(truncatingIfNeeded: hash) & mask
            while table[position] != 0 { position = (position + 1) & mask }
            table[position] = Int32(slot + 1)
        }
    }

    private func isEqual(_ first: Range<Int>, _ second: Range<Int>) -> Bool {
        guard first.count == second.count else { return false }
        return bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return true }
            return memcmp(start + first.lowerBound, start + second.lowerBound, first.count) == 0
        }
    }

    /// Multiplies and folds eight bytes at a time, like the mix of wyhash; the low bits choose the place.
    private static func hash(_ bytes: [UInt8], _ place: Range<Int>) -> UInt64 {
        bytes.withUnsafeBytes { bytes in
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            func mix(_ word: UInt64) {
                let product = (hash ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
                hash = product.high ^ product.low
            }
            var position = place.lowerBound
            while position + 8 <= place.upperBound {
                mix(bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                position += 8
            }
            var rest: UInt64 = UInt64(place.count) << 56
            while position < place.upperBound {
                rest = rest << 8 ^ UInt64(bytes[position])
                position += 1
            }
            mix(rest)
            return hash
        }
    }
}
